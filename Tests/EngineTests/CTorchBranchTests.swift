import CTorch
import Testing

/// A detector's row is differentiated in the few cells that it depends on, several rows at once: against the same rows
/// by way of the whole suffix.
@Suite("CTorch: rows near their cells") struct CTorchBranchTests {
    private static let layers = [8, 16, 32].map { "pyramid.join\($0)" } + [8, 16, 32].map { "pyramid.neck\($0)" }
    private static let methods: [CTorchMethod] = [
        .gradCAM, .gradCAMPlusPlus, .hiResCAM, .layerCAM, .xGradCAM, .localGradCAM,
    ]

    /// Elements of the logits of grids of 16 x 16, 8 x 8 and 4 x 4 cells.
    private static func elements(_ name: String) -> [Int] {
        // Corners, borders, neighbours in both directions, cells that are far apart, and all that of each level.
        let rows = [0, 1, 15, 16, 136, 137, 152, 255, 256, 263, 291, 292, 319, 320, 330, 335]
        return switch name {
        case "anchored": [0, 1, 2, 47, 408, 409, 767, 768, 870, 960, 1007].flatMap { [$0 * 10 + 4, $0 * 10 + 6] }
        case "anchor-free": rows.flatMap { [4 * 336 + $0, 6 * 336 + $0] }
        case "transposed": rows.flatMap { [$0 * 9 + 4, $0 * 9 + 8] }
        default: (0..<20).map { $0 * 6 + 4 }
        }
    }

    private func pass(_ name: String, times factor: Float = 1) throws -> RawPass {
        let input = try TorchFixtures.array("detector.x")
        return try RawNetwork(fixture: "detector-\(name).pt", input: [1, 3, 128, 128]).plan(Self.layers)
            .forward(input.floats.map { $0 * factor }, shape: input.shape)
    }

    private func expectNear(_ map: [Float], _ expected: [Float], within tolerance: Float = 2e-5, _ comment: Comment) {
        if expected.allSatisfy({ $0 == 0 }) {
            #expect(map.count == expected.count && map.allSatisfy { $0 == 0 }, comment)
        } else {
            #expect(relativeDifference(map, expected) < tolerance, comment)
        }
    }

    @Test(
        "rows that were differentiated together have the maps of the whole suffix",
        arguments: ["anchored", "anchor-free", "transposed", "end-to-end"])
    func together(name: String) throws {
        let elements = Self.elements(name)
        let (shared, whole) = (try pass(name), try pass(name))
        try shared.differentiate(elements)
        for element in elements {
            // A second cell, even without weight, takes the way of the whole suffix.
            let elsewhere = CTorchTerm(element: elements[element == elements[0] ? elements.count - 1 : 0], weight: 0)
            for layer in Self.layers.indices {
                for method in Self.methods {
                    expectNear(
                        try shared.map(method, element: element, layer: layer),
                        try whole.map(method, element: element, and: elsewhere, layer: layer),
                        // Near the pole of its weights, 1 / (2 + g sum A), rounding is multiplied by hundreds.
                        within: method == .gradCAMPlusPlus ? 1e-2 : 2e-5,
                        "\(element), \(Self.layers[layer]), \(method)")
                }
            }
        }
    }

    @Test("whether and with which others a row was announced changes nothing") func alone() throws {
        let elements = Self.elements("anchor-free")
        let together = try pass("anchor-free")
        try together.differentiate(elements)
        try together.differentiate([])
        try together.differentiate(elements.reversed() + [5 * 336 + 17])
        for element in elements + [5 * 336 + 17] {
            let alone = try pass("anchor-free")
            for layer in Self.layers.indices {
                expectNear(
                    try together.map(.localGradCAM, element: element, layer: layer),
                    try alone.map(.localGradCAM, element: element, layer: layer), "\(element), \(layer)")
            }
        }
    }

    @Test("the sum over two cells has the sum of their maps") func sum() throws {
        let pass = try pass("anchor-free")
        let (one, other) = (4 * 336 + 136, 5 * 336 + 140)
        let sum = try pass.map(.hiResCAM, element: one, and: CTorchTerm(element: other, weight: 0.5))
        let maps = (try pass.map(.hiResCAM, element: one), try pass.map(.hiResCAM, element: other))
        #expect(relativeDifference(sum, zip(maps.0, maps.1).map { $0 + $1 / 2 }) < 2e-5)
    }

    @Test("a coordinate leads to no logit: its maps are zero") func coordinate() throws {
        let pass = try pass("anchor-free")
        try pass.differentiate([136, 4 * 336 + 136])
        #expect(try pass.map(.hiResCAM, element: 136).allSatisfy { $0 == 0 })
        #expect(try pass.map(.hiResCAM, element: 4 * 336 + 136).contains { $0 != 0 })
    }

    @Test("numbers that are not finite spread as in the whole suffix") func nonfinite() throws {
        let pass = try pass("anchor-free", times: .infinity)
        try pass.differentiate([4 * 336 + 136])
        #expect(try pass.map(.localGradCAM, element: 4 * 336 + 136).contains { !$0.isFinite })
    }

    @Test("an element that does not exist is refused") func refused() throws {
        let pass = try pass("anchor-free")
        #expect { try pass.differentiate([9 * 336]) } throws: { ($0 as? RawTorchError)?.code == .invalidArgument }
    }

    @Test("each layer's grid has the size of its maps") func grids() throws {
        let pass = try pass("anchor-free")
        #expect(try Self.layers.indices.map(pass.grid) == [[16, 16], [8, 8], [4, 4], [16, 16], [8, 8], [4, 4]])
    }
}
