/// One of the grids that a detector looks for objects on: fine ones for small objects, coarse ones for large.
package struct PyramidLevel: Equatable, Sendable {
    /// In cells, at the input size that the layout was read for.
    package let width: Int
    package let height: Int
    /// Pixels of the input that a cell stands for, along either side.
    package let stride: Int
    /// The rows of the output that come from this grid.
    package let rows: Range<Int>
}

/// A detector's grids, finest first, before it is known how many rows each cell has.
struct FeaturePyramid: Equatable, Sendable {
    struct Grid: Equatable, Sendable {
        var width: Int
        var height: Int
        var stride: Int
    }

    let grids: [Grid]

    /// Grids as they were measured in the network.
    init(grids: [(width: Int, height: Int)], input: (width: Int, height: Int)) {
        self.grids = grids.map { grid in
            Grid(width: grid.width, height: grid.height, stride: stride(of: grid, input: input))
        }
    }

    /// Grids that convolutions with padding make: what remains of a side counts as a cell of its own.
    init(strides: [Int], input: (width: Int, height: Int)) {
        grids = strides.map { stride in
            Grid(
                width: dividedUp(input.width, by: stride), height: dividedUp(input.height, by: stride),
                stride: stride)
        }
    }

    /// What the published networks have: most of them; the P6, the P2, and the tiny ones.
    static func published(input: (width: Int, height: Int)) -> [FeaturePyramid] {
        [[8, 16, 32], [8, 16, 32, 64], [4, 8, 16, 32], [16, 32]].map { strides in
            FeaturePyramid(strides: strides, input: input)
        }
    }

    var cells: Int { grids.reduce(0) { $0 + $1.width * $1.height } }

    /// How many rows each cell has where the output has so many rows.
    /// - Returns: 1...9 (no published detector has more anchors), or `nil` where the rows do not fit the cells.
    func anchorsPerCell(rows: Int) -> Int? {
        guard cells > 0, rows > 0, rows % cells == 0, rows / cells <= 9 else { return nil }
        return rows / cells
    }

    /// The levels in the order of the output: finest first, all anchors of a level before the next level.
    func levels(anchorsPerCell: Int) -> [PyramidLevel] {
        var start = 0
        return grids.map { grid in
            let rows = start..<(start + grid.width * grid.height * anchorsPerCell)
            start = rows.upperBound
            return PyramidLevel(width: grid.width, height: grid.height, stride: grid.stride, rows: rows)
        }
    }
}

/// Strides are powers of two: the smallest that explains the grid, so that a side that does not divide evenly is read
/// right. A grid that no power of two explains has its own proportion, rounded up.
private func stride(of grid: (width: Int, height: Int), input: (width: Int, height: Int)) -> Int {
    guard grid.width > 0, grid.height > 0 else { return 1 }
    let largest = max(input.width, input.height)
    var stride = 1
    while stride <= 2 * largest {
        if dividedUp(input.width, by: stride) == grid.width, dividedUp(input.height, by: stride) == grid.height {
            return stride
        }
        stride *= 2
    }
    return max(dividedUp(input.width, by: grid.width), dividedUp(input.height, by: grid.height), 1)
}

private func dividedUp(_ side: Int, by divisor: Int) -> Int { (side + divisor - 1) / divisor }
