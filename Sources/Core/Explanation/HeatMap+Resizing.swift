extension HeatMap {
    /// Bilinear, corners not aligned: as `torch.nn.functional.interpolate(mode="bilinear", align_corners=False)`
    /// and `cv2.resize` with INTER_LINEAR do. Nothing is averaged when the map shrinks.
    /// - Precondition: sides of 1 or more.
    package func resized(width newWidth: Int, height newHeight: Int) -> HeatMap {
        guard newWidth != width || newHeight != height else { return self }
        let columns = Neighbors(of: newWidth, among: width)
        let rows = Neighbors(of: newHeight, among: height)
        let wide = [Float](unsafeUninitializedCapacity: newWidth * height) { wide, count in
            var target = 0
            for y in 0..<height {
                let line = y * width
                for x in 0..<newWidth {
                    let weight = columns.weight[x]
                    wide[target] =
                        values[line + columns.first[x]] * (1 - weight) + values[line + columns.second[x]] * weight
                    target += 1
                }
            }
            count = target
        }
        let resized = [Float](unsafeUninitializedCapacity: newWidth * newHeight) { resized, count in
            var target = 0
            for y in 0..<newHeight {
                let above = rows.first[y] * newWidth
                let below = rows.second[y] * newWidth
                let weight = rows.weight[y]
                for x in 0..<newWidth {
                    resized[target] = wide[above + x] * (1 - weight) + wide[below + x] * weight
                    target += 1
                }
            }
            count = target
        }
        return HeatMap(width: newWidth, height: newHeight, values: resized)
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
}
