/// The share of heat in each of 3 x 3 equal parts of a map, row by row; together 1.
package struct Ninths: Equatable, Sendable {
    private let shares: [Double]

    /// From 0 in the upper left to 8 in the lower right.
    package subscript(index: Int) -> Double { shares[index] }

    /// Cells on a boundary count in part on either side.
    /// - Returns: `nil` for a map without heat.
    init?(of heat: WarmHeat) {
        guard heat.hasHeat else { return nil }
        let (width, height) = (Double(heat.map.width) / 3, Double(heat.map.height) / 3)
        let parts = (0..<9).map { index in
            let (column, row) = (Double(index % 3), Double(index / 3))
            return heat.heat(
                inside: Box(
                    left: column * width, top: row * height, right: (column + 1) * width,
                    bottom: (row + 1) * height))
        }
        let total = parts.reduce(0, +)
        shares = parts.map { $0 / total }
    }
}

extension Ninths: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        shares = try container.decode([Double].self)
        guard shares.count == 9 else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "ninths must be 9 numbers")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(shares)
    }
}
