extension WarmHeat {
    /// The cells above 0, row by row.
    var positiveValues: [Float] {
        let cells = box.width * box.height
        return [Float](unsafeUninitializedCapacity: cells) { positive, count in
            map.values.withUnsafeBufferPointer { values in
                for y in box.top..<box.bottom {
                    for index in (y * map.width + box.left)..<(y * map.width + box.right) {
                        // Written either way: a branch would be guessed wrong at every second cell.
                        positive.initializeElement(at: count, to: values[index])
                        count += values[index] > 0 ? 1 : 0
                    }
                }
            }
        }
    }

    /// The sums of the columns and of the rows of `box`.
    var sumsByLine: (columns: [Double], rows: [Double]) {
        var columns = [Double](repeating: 0, count: box.width)
        var rows = [Double](repeating: 0, count: box.height)
        map.values.withUnsafeBufferPointer { values in
            columns.withUnsafeMutableBufferPointer { columns in
                for y in box.top..<box.bottom {
                    let line = UnsafeBufferPointer(
                        rebasing: values[(y * map.width + box.left)..<(y * map.width + box.right)])
                    for x in columns.indices { columns[x] += Double(line[x]) }
                    rows[y - box.top] = heat(
                        inside: Box(CellBox(left: box.left, top: y, right: box.right, bottom: y + 1)))
                }
            }
        }
        return (columns, rows)
    }

    /// The first of the hottest cells row by row, and how many there are.
    var peaks: (x: Int, y: Int, count: Int) {
        var peaks = (x: 0, y: 0, count: 0)
        map.values.withUnsafeBufferPointer { values in
            for y in box.top..<box.bottom {
                let line = values[(y * map.width + box.left)..<(y * map.width + box.right)]
                let count = line.count { $0 == maximum }
                if count > 0, peaks.count == 0, let first = line.firstIndex(of: maximum) {
                    (peaks.x, peaks.y) = (first - y * map.width, y)
                }
                peaks.count += count
            }
        }
        return peaks
    }

    /// - Precondition: `part` has an inside and lies in the map.
    func cropped(to part: CellBox) -> WarmHeat {
        let isWhole = part == CellBox(left: 0, top: 0, right: map.width, bottom: map.height)
        return isWhole ? self : WarmHeat(map.cropped(to: part), near: box.moved(into: part))
    }
}

extension CellBox {
    /// What of it lies in `part`, counted from its corner.
    func moved(into part: CellBox) -> CellBox {
        func moved(_ place: Int, _ start: Int, _ end: Int) -> Int { min(max(place, start), end) - start }
        return CellBox(
            left: moved(left, part.left, part.right), top: moved(top, part.top, part.bottom),
            right: moved(right, part.left, part.right), bottom: moved(bottom, part.top, part.bottom))
    }

    /// What lies in both; without inside where there is nothing.
    func intersection(with other: CellBox) -> CellBox {
        let (left, top) = (max(left, other.left), max(top, other.top))
        return CellBox(
            left: left, top: top, right: max(min(right, other.right), left), bottom: max(min(bottom, other.bottom), top)
        )
    }
}
