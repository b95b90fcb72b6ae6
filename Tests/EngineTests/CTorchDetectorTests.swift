import CTorch
import Foundation
import Testing

/// Detectors whose exports have the layouts of YOLOv5, YOLOv8, YOLO26: against autograd in Python on the same networks.
@Suite("CTorch: detectors") struct CTorchDetectorTests {
    private static let strides = [8, 16, 32]
    private static let necks = strides.map { "pyramid.neck\($0)" }

    private func network(_ name: String) throws -> RawNetwork {
        try RawNetwork(fixture: "detector-\(name).pt", input: [1, 3, 128, 128])
    }

    private func path(_ index: Int, in network: RawNetwork) -> String {
        String(cString: ctorch_model_layer(network.handle, index).path)
    }

    private func levels(of network: RawNetwork) -> [CTorchLevel] {
        (0..<ctorch_model_level_count(network.handle)).map { ctorch_model_level(network.handle, $0) }
    }

    @Test(
        "the inputs of the head are found, one for each level, whatever the layout",
        arguments: ["anchored", "anchor-free", "transposed", "end-to-end", "blocked", "masks", "unsigmoided"])
    func headInputs(name: String) throws {
        let network = try network(name)
        let levels = levels(of: network)
        #expect(levels.map { path($0.head_input, in: network) } == Self.necks)
        let isPointwise = name == "anchored"
        #expect(levels.map(\.is_pointwise) == [isPointwise, isPointwise, isPointwise])
        #expect(levels.map { path($0.context, in: network) } == Self.strides.map { "pyramid.join\($0)" })
    }

    @Test("a classifier has no levels", arguments: ["small-free-size.pt", "vit-tokens.pt"])
    func classifier(name: String) throws {
        #expect(try ctorch_model_level_count(RawNetwork(fixture: name, input: [1, 3, 32, 32]).handle) == 0)
    }

    @Test(
        "objectness and classes become logits, coordinates stay",
        arguments: ["anchored", "anchor-free", "transposed", "end-to-end", "masks"])
    func logits(name: String) throws {
        let network = try network(name)
        #expect(ctorch_model_activation(network.handle) == .sigmoid)
        #expect(ctorch_model_logits_found(network.handle))
        let pass = try network.plan(Self.necks).forward(TorchFixtures.array("detector.x"))
        let reference = try TorchFixtures.array("detector-\(name).output")
        let (output, logits) = (try pass.output(), try pass.logits())
        #expect(relativeDifference(output, reference.floats) < 1e-5)
        let (rows, columns) = (reference.shape[1], reference.shape[2])
        let isRowMajor = rows > columns
        let scores = name == "end-to-end" ? 4..<5 : name == "anchored" ? 4..<10 : 4..<9
        for row in 0..<(isRowMajor ? rows : columns) {
            for attribute in 0..<(isRowMajor ? columns : rows) {
                let element = isRowMajor ? row * columns + attribute : attribute * columns + row
                if scores.contains(attribute) {
                    let probability = 1 / (1 + exp(-logits[element]))
                    #expect(abs(probability - output[element]) < 1e-5, "\(row), \(attribute)")
                } else {
                    #expect(logits[element] == output[element], "\(row), \(attribute)")
                }
            }
        }
    }

    /// What is explained of a row: the class's logit, or log objectness + log class.
    private func terms(_ name: String, row: Int, label: Int, _ logits: [Float]) -> [CTorchTerm] {
        switch name {
        case "anchored":
            [row * 10 + 4, row * 10 + 5 + label].map { element in
                // The derivative of log(sigmoid(z)) is sigmoid(-z).
                CTorchTerm(element: element, weight: 1 / (1 + exp(logits[element])))
            }
        case "anchor-free": [CTorchTerm(element: (4 + label) * 336 + row, weight: 1)]
        default: [CTorchTerm(element: row * 6 + 4, weight: 1)]
        }
    }

    private static let methods: [(String, CTorchMethod)] = [
        ("gradcam", .gradCAM), ("hirescam", .hiResCAM), ("layercam", .layerCAM), ("local-gradcam", .localGradCAM),
    ]

    @Test(
        "maps of rows of every level are autograd's, at the head's inputs and a block before",
        arguments: ["anchored", "anchor-free", "end-to-end"])
    func maps(name: String) throws {
        let layers = Self.necks + Self.strides.map { "pyramid.join\($0)" }
        let pass = try network(name).plan(layers).forward(TorchFixtures.array("detector.x"))
        let logits = try pass.logits()
        let rows = try TorchFixtures.array("detector-\(name).rows").integers
        let labels = try TorchFixtures.array("detector-\(name).classes").integers
        for (index, (row, label)) in zip(rows, labels).enumerated() {
            let terms = terms(name, row: Int(row), label: Int(label), logits)
            for (layer, path) in layers.enumerated() {
                for (methodName, method) in Self.methods {
                    let kind = path.replacing("pyramid.", with: "")
                    let expected = try TorchFixtures.array("detector-\(name).\(index).\(methodName).\(kind)").floats
                    let map = try pass.map(
                        method, element: terms[0].element, and: terms.count > 1 ? terms[1] : nil, layer: layer,
                        sign: terms[0].weight)
                    if expected.allSatisfy({ $0 == 0 }) {
                        #expect(map.allSatisfy { $0 == 0 }, "\(name) \(index) \(path) \(methodName)")
                    } else {
                        #expect(relativeDifference(map, expected) < 1e-4, "\(name) \(index) \(path) \(methodName)")
                    }
                }
            }
        }
    }

    @Test("which levels the sorted rows come from changes from picture to picture: each row has its map")
    func sortedRows() throws {
        let plan = try network("end-to-end").plan([Self.necks[0]])
        let input = try TorchFixtures.array("detector.x")
        for shift in 0..<8 {
            let pass = try plan.forward(input.floats.map { $0 * Float(shift + 1) / 2 - 1 }, shape: input.shape)
            // Every row depends on the finest level.
            for row in 0..<20 {
                #expect(try pass.map(.hiResCAM, element: row * 6 + 4).contains { $0 != 0 }, "\(shift), \(row)")
            }
        }
    }

    @Test("a row of a pointwise head depends on one cell of its input, one of two 3 x 3 convolutions on 5 x 5")
    func support() throws {
        for (name, cells) in [("anchored", 1), ("anchor-free", 25)] {
            let pass = try network(name).plan(Self.necks).forward(TorchFixtures.array("detector.x"))
            let logits = try pass.logits()
            for (level, row) in try TorchFixtures.array("detector-\(name).rows").integers.enumerated() where level < 2 {
                let terms = terms(name, row: Int(row), label: 1, logits)
                let maps = try Self.necks.indices.map { layer in
                    try pass.map(.hiResCAM, element: terms[0].element, layer: layer, sign: terms[0].weight)
                }
                #expect(maps[level].count { $0 != 0 } == cells, "\(name), level \(level)")
                for coarser in maps[(level + 1)...] { #expect(coarser.allSatisfy { $0 == 0 }) }
                for finer in maps[..<level] { #expect(finer.count { $0 != 0 } > cells) }
            }
        }
    }

    @Test("where the export blocks gradients, the plan says so") func blocked() throws {
        let plan = try network("blocked").plan(Self.necks)
        #expect(Self.necks.indices.allSatisfy { !ctorch_plan_gradient_flows(plan.handle, $0) })
        let pass = try plan.forward(TorchFixtures.array("detector.x"))
        #expect { try pass.map(.layerCAM, element: 4) } throws: { ($0 as? RawTorchError)?.code == .gradientBlocked }
        #expect(try pass.map(.eigenCAM, element: 4).contains { $0 > 0 })
    }

    @Test("twenty pictures in a row, and again the first: the same map, bit for bit") func twenty() throws {
        for name in ["anchored", "anchor-free", "end-to-end"] {
            let plan = try network(name).plan(Self.necks)
            let input = try TorchFixtures.array("detector.x")
            let element = name == "anchor-free" ? 5 * 336 + 136 : 4
            let first = try plan.forward(input).map(.layerCAM, element: element)
            for shift in 1..<20 {
                let other = input.floats.map { $0 * Float(shift) / 20 }
                _ = try plan.forward(other, shape: input.shape).map(.layerCAM, element: element)
            }
            let again = try plan.forward(input).map(.layerCAM, element: element)
            #expect(again.map(\.bitPattern) == first.map(\.bitPattern))
        }
    }

    @Test("the text that the exporter put into the file") func metadata() throws {
        func text(_ name: String, capacity: Int) throws -> (OpaquePointer?, String) {
            var bytes = [CChar](repeating: 0, count: capacity)
            var length = 0
            let status = try ctorch_archive_text(
                TorchFixtures.path("detector-anchored.pt"), name, capacity, &bytes, &length)
            return (status, String(decoding: bytes.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
        let (status, found) = try text("config.txt", capacity: 1000)
        #expect(status == nil && found.hasPrefix("{") && found.contains("\"kind 4\""))
        #expect(try text("other.txt", capacity: 10) == (nil, ""))
        #expect(try text("config.txt", capacity: 20) == (nil, ""))
    }
}
