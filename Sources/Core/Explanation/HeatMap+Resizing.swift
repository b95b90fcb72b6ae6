extension HeatMap {
    /// Bilinear, corners not aligned: as `torch.nn.functional.interpolate(mode="bilinear", align_corners=False)`
    /// and `cv2.resize` with INTER_LINEAR do. Nothing is averaged when the map shrinks.
    /// - Precondition: sides of 1 or more.
    package func resized(width newWidth: Int, height newHeight: Int) -> HeatMap {
        resized(width: newWidth, height: newHeight, from: CellBox(left: 0, top: 0, right: width, bottom: height)).map
    }

    /// - Parameter warm: beside it there are zeros alone.
    /// - Returns: the map, and the box beside which that has zeros alone.
    fileprivate func resized(
        width newWidth: Int, height newHeight: Int, from warm: CellBox
    ) -> (map: HeatMap, warm: CellBox) {
        guard newWidth != width || newHeight != height else { return (self, warm) }
        let columns = Neighbors(of: newWidth, among: width)
        let rows = Neighbors(of: newHeight, among: height)
        let (across, down) = (
            columns.cells(reading: warm.left..<warm.right), rows.cells(reading: warm.top..<warm.bottom)
        )
        let wide = widened(to: across, of: columns, newWidth, lines: warm.top..<warm.bottom)
        let resized = [Float](unsafeUninitializedCapacity: newWidth * newHeight) { resized, count in
            resized.initialize(repeating: 0)
            count = newWidth * newHeight
            wide.withUnsafeBufferPointer { wide in
                for y in down {
                    func line(_ y: Int) -> Range<Int> { (y * newWidth)..<((y + 1) * newWidth) }
                    let above = UnsafeBufferPointer(rebasing: wide[line(rows.first[y])])
                    let below = UnsafeBufferPointer(rebasing: wide[line(rows.second[y])])
                    let between = UnsafeMutableBufferPointer(rebasing: resized[line(y)])
                    let weight = rows.weight[y]
                    let rest = 1 - weight
                    for x in across { between[x] = above[x] * rest + below[x] * weight }
                }
            }
        }
        let box = CellBox(
            left: across.lowerBound, top: down.lowerBound, right: across.upperBound, bottom: down.upperBound)
        return (HeatMap(width: newWidth, height: newHeight, values: resized), box)
    }

    /// These lines in their new width, all others zero.
    private func widened(
        to across: Range<Int>, of columns: Neighbors, _ newWidth: Int, lines: Range<Int>
    ) -> [Float] {
        [Float](unsafeUninitializedCapacity: newWidth * height) { wide, count in
            wide.initialize(repeating: 0)
            count = newWidth * height
            values.withUnsafeBufferPointer { values in
                for y in lines {
                    let line = y * width
                    for x in across {
                        let weight = columns.weight[x]
                        wide[y * newWidth + x] =
                            values[line + columns.first[x]] * (1 - weight) + values[line + columns.second[x]] * weight
                    }
                }
            }
        }
    }
}

extension WarmHeat {
    /// See `HeatMap.resized`.
    func resized(width: Int, height: Int) -> WarmHeat {
        guard width != map.width || height != map.height else { return self }
        let (map, warm) = self.map.resized(width: width, height: height, from: box)
        return WarmHeat(map, near: warm)
    }
}

/// For each new cell of a line: the two old ones that its centre lies between, and how far towards the second.
private struct Neighbors {
    var first: [Int] = []
    var second: [Int] = []
    var weight: [Float] = []

    init(of newCount: Int, among count: Int) {
        let step = Double(count) / Double(newCount)
        for cell in 0..<newCount {
            let position = min(max((Double(cell) + 0.5) * step - 0.5, 0), Double(count - 1))
            let before = Int(position)
            first.append(before)
            second.append(min(before + 1, count - 1))
            weight.append(Float(position - Double(before)))
        }
    }

    /// The new cells that one of these old ones has a part in.
    func cells(reading old: Range<Int>) -> Range<Int> {
        guard !old.isEmpty, let start = second.firstIndex(where: { $0 >= old.lowerBound }) else { return 0..<0 }
        return start..<(first.firstIndex { $0 >= old.upperBound } ?? first.count)
    }
}
