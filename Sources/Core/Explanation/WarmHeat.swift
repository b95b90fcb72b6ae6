/// A map that has nothing below 0, and where its heat lies. A detector's map is zero nearly everywhere: what counts
/// heat looks at `box` alone.
package struct WarmHeat {
    package let map: HeatMap
    /// Holds all cells above 0. Without inside where there is no heat.
    let box: CellBox
    /// 0 where there is no heat.
    let maximum: Float
    /// The sum of all cells.
    let sum: Double

    /// Something speaks for the class: the largest value is above 0, and all are finite.
    package var hasHeat: Bool { maximum > 0 }

    /// - Parameter map: rectified. One that is not finite has no heat.
    package init(_ map: HeatMap) {
        self.init(map, near: map.boxOfNonzeros)
    }

    /// - Parameter box: beside it there are zeros alone.
    init(_ map: HeatMap, near box: CellBox) {
        let (isFinite, maximum) = map.range(in: box)
        self.map = map
        self.maximum = isFinite ? max(maximum, 0) : 0
        self.box = self.maximum > 0 ? box : CellBox(left: 0, top: 0, right: 0, bottom: 0)
        sum = map.sum(columns: CellSpan(self.box.left, self.box.right), rows: CellSpan(self.box.top, self.box.bottom))
    }

    /// Divided by its maximum, so that there is a 1 in it: 0...1. Without heat all zeros.
    ///
    /// There is no epsilon in the division: it would dim weak maps, and colour the noise of empty ones.
    package var normalized: WarmHeat {
        guard hasHeat else {
            return WarmHeat(
                HeatMap(width: map.width, height: map.height, values: Array(repeating: 0, count: map.values.count)),
                near: box)
        }
        var values = map.values
        values.withUnsafeMutableBufferPointer { values in
            for y in box.top..<box.bottom {
                for index in (y * map.width + box.left)..<(y * map.width + box.right) { values[index] /= maximum }
            }
        }
        return WarmHeat(HeatMap(width: map.width, height: map.height, values: values), near: box)
    }

    /// The sum of what lies inside `inner`. Cells that it covers in part count in part.
    func heat(inside inner: Box) -> Double {
        let columns = CellSpan(from: inner.left, to: inner.right, in: box.left..<box.right)
        let rows = CellSpan(from: inner.top, to: inner.bottom, in: box.top..<box.bottom)
        return map.sum(columns: columns, rows: rows)
    }

    /// The share of heat inside `box`; `nil` without heat.
    func energy(inside box: Box) -> Double? {
        hasHeat ? heat(inside: box) / sum : nil
    }
}

/// Cells in a row, the first and the last of which may count in part.
struct CellSpan {
    let cells: Range<Int>
    let firstShare: Double
    let lastShare: Double

    init(_ start: Int, _ end: Int) {
        cells = start..<end
        (firstShare, lastShare) = (1, 1)
    }

    /// What lies between `start` and `end`, of these cells.
    init(from start: Double, to end: Double, in allowed: Range<Int>) {
        let start = max(start, Double(allowed.lowerBound))
        let end = min(end, Double(allowed.upperBound))
        cells = start < end ? Int(start)..<Int(end.rounded(.up)) : 0..<0
        firstShare = min(end, Double(cells.lowerBound + 1)) - start
        lastShare = end - max(start, Double(cells.upperBound - 1))
    }
}

extension HeatMap {
    /// Around all cells that are not zero; without inside where all are.
    fileprivate var boxOfNonzeros: CellBox {
        var box = CellBox(left: width, top: height, right: 0, bottom: 0)
        values.withUnsafeBufferPointer { values in
            for y in 0..<height {
                let line = values[(y * width)..<((y + 1) * width)]
                guard let first = line.firstIndex(where: { $0 != 0 }), let last = line.lastIndex(where: { $0 != 0 })
                else { continue }
                box.left = min(box.left, first - y * width)
                box.right = max(box.right, last - y * width + 1)
                box.top = min(box.top, y)
                box.bottom = y + 1
            }
        }
        return box.right > 0 ? box : CellBox(left: 0, top: 0, right: 0, bottom: 0)
    }

    /// Whether all cells of a box are finite, and the largest of them.
    fileprivate func range(in box: CellBox) -> (isFinite: Bool, maximum: Float) {
        // Not a number as soon as one cell is infinite or none itself.
        var check = SIMD8<Float>(repeating: 0)
        var largest = SIMD8<Float>(repeating: -.infinity)
        values.withUnsafeBytes { bytes in
            for y in box.top..<box.bottom {
                var cell = y * width + box.left
                let end = y * width + box.right
                while cell + 8 <= end {
                    let eight = bytes.loadUnaligned(fromByteOffset: cell * 4, as: SIMD8<Float>.self)
                    check += eight * 0
                    largest.replace(with: eight, where: eight .> largest)
                    cell += 8
                }
                while cell < end {
                    let value = bytes.load(fromByteOffset: cell * 4, as: Float.self)
                    check[0] += value * 0
                    if value > largest[0] { largest[0] = value }
                    cell += 1
                }
            }
        }
        return (check == .zero, largest.max())
    }

    /// In double precision, eight sums side by side in each line.
    fileprivate func sum(columns: CellSpan, rows: CellSpan) -> Double {
        guard let (first, last) = columns.cells.ends else { return 0 }
        var total = 0.0
        values.withUnsafeBytes { bytes in
            for y in rows.cells {
                let line = UnsafeRawBufferPointer(rebasing: bytes[(y * width * 4)..<((y + 1) * width * 4)])
                func cell(_ x: Int) -> Double { Double(line.load(fromByteOffset: x &* 4, as: Float.self)) }
                var eight = SIMD8<Double>(repeating: 0)
                var x = first + 1
                while x + 8 <= last {
                    eight += SIMD8<Double>(line.loadUnaligned(fromByteOffset: x &* 4, as: SIMD8<Float>.self))
                    x += 8
                }
                var sum = cell(first) * columns.firstShare
                while x < last {
                    sum += cell(x)
                    x += 1
                }
                if last > first { sum += cell(last) * columns.lastShare }
                let share =
                    y == rows.cells.lowerBound
                    ? rows.firstShare : y == rows.cells.upperBound - 1 ? rows.lastShare : 1
                total += (eight.sum() + sum) * share
            }
        }
        return total
    }
}

extension Range<Int> {
    fileprivate var ends: (first: Int, last: Int)? { isEmpty ? nil : (lowerBound, upperBound - 1) }
}
