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

    /// Something speaks for the class: the largest value is above 0, and all are finite.
    package var hasHeat: Bool { isFinite && maximum > 0 }

    /// What speaks against the class (below 0) becomes 0.
    package var rectified: HeatMap {
        HeatMap(width: width, height: height, values: values.map { $0 < 0 ? 0 : $0 })
    }

    /// Rectified and divided by its maximum: 0...1, with a 1 in it. A map without heat becomes zeros.
    ///
    /// There is no epsilon in the division: it would dim weak maps, and colour the noise of empty ones.
    package var normalized: HeatMap {
        let maximum = maximum
        guard isFinite, maximum > 0 else {
            return HeatMap(width: width, height: height, values: Array(repeating: 0, count: values.count))
        }
        return HeatMap(width: width, height: height, values: values.map { $0 < 0 ? 0 : $0 / maximum })
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
