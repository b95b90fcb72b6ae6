/// Evidence on a grid: one value for each cell, row by row from the upper left.
package struct HeatMap: Equatable, Sendable {
    package let width: Int
    package let height: Int
    /// `width * height` values, row-major.
    package let values: [Float]

    /// - Precondition: sides of 1 or more, and a value for each cell.
    package init(width: Int, height: Int, values: [Float]) {
        precondition(width > 0 && height > 0 && values.count == width * height, "a value for each cell")
        self.width = width
        self.height = height
        self.values = values
    }

    package subscript(x: Int, y: Int) -> Float { values[y * width + x] }

    /// No value is infinite or not a number.
    package var isFinite: Bool { values.allSatisfy(\.isFinite) }

    /// The largest value; not a number where any value is not.
    package var maximum: Float {
        var largest = -Float.infinity
        for value in values where !(value <= largest) {
            if value.isNaN { return value }
            largest = value
        }
        return largest
    }

    /// What speaks against the class (below 0) becomes 0; what is not finite stays, for such a map has no heat.
    package var rectified: HeatMap {
        HeatMap(width: width, height: height, values: values.map { $0 < 0 && $0.isFinite ? 0 : $0 })
    }

    /// The cells inside `box`.
    /// - Precondition: `box` has an inside and lies in the map.
    package func cropped(to box: CellBox) -> HeatMap {
        precondition(box.left >= 0 && box.top >= 0 && box.right <= width && box.bottom <= height, "inside the map")
        var cells: [Float] = []
        cells.reserveCapacity(box.width * box.height)
        for y in box.top..<box.bottom {
            cells += values[(y * width + box.left)..<(y * width + box.right)]
        }
        return HeatMap(width: box.width, height: box.height, values: cells)
    }
}
