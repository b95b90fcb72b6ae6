import CTorch
import Foundation
import Testing

/// Networks in bfloat16 against PyTorch's float32; where the processor cannot, that they are refused.
@Suite("CTorch: bfloat16") struct CTorchBFloat16Tests {
    /// 8 bits of significand: one rounding is off by up to 1/512, and there are some twenty in a row.
    private static let tolerance: Float = 0.02

    /// As the kernel says it, and not our library.
    private static var processorCan: Bool {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let flags = text.split(separator: "\n").first { $0.hasPrefix("flags") } ?? ""
        return flags.contains("avx512_bf16") || flags.contains("amx_bf16")
    }

    /// - Returns: `nil` where the processor cannot, after the refusal was looked at.
    private func plan(_ network: RawNetwork, _ layers: [String]) throws -> RawPlan? {
        if ctorch_bfloat16_supported() { return try network.plan(layers, precision: .bFloat16) }
        let error = #expect(throws: RawTorchError.self) { try network.plan(layers, precision: .bFloat16) }
        #expect(error?.code == .precisionUnsupported)
        #expect(error?.message.contains("bfloat16") == true)
        return nil
    }

    @Test("it is supported where the processor has avx512_bf16 or amx_bf16 and libtorch is 1.13") func supported() {
        let isDebian = String(cString: ctorch_version()).hasPrefix("1.")
        #expect(ctorch_bfloat16_supported() == (Self.processorCan && isDebian))
    }

    @Test(
        "ResNet-18's scores and maps are PyTorch's to a few roundings, a batch of two",
        arguments: [("resnet18.pt", "layer4"), ("resnet18-frozen.pt", "aten::relu_.16")])
    func resnet(model: String, layer: String) throws {
        guard let plan = try plan(RawNetwork(fixture: model, input: [1, 3, 224, 224]), [layer]) else { return }
        let pass = try plan.forward(TorchFixtures.array("resnet18.x"))
        let distance = try relativeDifference(pass.logits(), TorchFixtures.array("resnet18.logits").floats)
        // Below that it would be float32.
        #expect(distance < Self.tolerance && distance > 1e-4)
        let classes = try TorchFixtures.array("resnet18.class").integers
        for (name, method) in [("gradcam", CTorchMethod.gradCAM), ("hirescam", .hiResCAM), ("layercam", .layerCAM)] {
            let maps = try classes.enumerated().flatMap { image, label in
                try pass.map(method, element: Int(label), image: image)
            }
            let expected = try TorchFixtures.array("resnet18.\(name).layer4").floats
            #expect(relativeDifference(maps, expected) < Self.tolerance, "\(name)")
        }
    }

    @Test("EfficientNet-Lite0 with its published weights") func efficientNet() throws {
        guard let plan = try plan(RawNetwork(fixture: "efficientnet-lite0.torchscript"), ["head"]) else { return }
        let pass = try plan.forward(TorchFixtures.array("efficientnet-lite0.x"))
        let element = try TorchFixtures.explained("efficientnet-lite0")
        for (name, method) in [("gradcam", CTorchMethod.gradCAM), ("hirescam", .hiResCAM), ("layercam", .layerCAM)] {
            let expected = try TorchFixtures.array("efficientnet-lite0.\(name)").floats
            let distance = try relativeDifference(pass.map(method, element: element), expected)
            #expect(distance < 3 * Self.tolerance, "\(name)")
        }
    }

    @Test("a detector's boxes keep their maps, where the differentiated part is bfloat16 as well")
    func detector() throws {
        let layers = ["pyramid.neck8", "pyramid.neck16", "pyramid.neck32"]
        let network = try RawNetwork(fixture: "detector-anchor-free.pt", input: [1, 3, 128, 128])
        guard let plan = try plan(network, layers) else { return }
        let pass = try plan.forward(TorchFixtures.array("detector.x"))
        let rows = try TorchFixtures.array("detector-anchor-free.rows").integers
        let labels = try TorchFixtures.array("detector-anchor-free.classes").integers
        for (index, (row, label)) in zip(rows, labels).enumerated() {
            for (layer, path) in layers.enumerated() {
                let name = "detector-anchor-free.\(index).local-gradcam.\(path.dropFirst("pyramid.".count))"
                let expected = try TorchFixtures.array(name).floats
                // 4 coordinates, then the classes, of 336 rows each.
                let map = try pass.map(.localGradCAM, element: Int((4 + label) * 336 + row), layer: layer)
                if expected.allSatisfy({ $0 == 0 }) {
                    #expect(map.allSatisfy { $0 == 0 }, "\(name)")
                } else {
                    #expect(relativeDifference(map, expected) < Self.tolerance, "\(name)")
                }
            }
        }
    }

    @Test("convolutions with all that is computed with them") func epilogues() throws {
        let network = try RawNetwork(fixture: "epilogues.pt", input: [1, 3, 24, 24])
        guard let plan = try plan(network, ["target"]) else { return }
        for size in ["small", "large", "batch"] {
            let pass = try plan.forward(TorchFixtures.array("epilogues.\(size).x"))
            let expected = try TorchFixtures.array("epilogues.\(size).scores").floats
            #expect(try relativeDifference(pass.logits(), expected) < Self.tolerance, "\(size)")
        }
    }

    @Test("a network that loses its scores is refused: 257 x - 256 x is 0 in bfloat16") func cancelling() throws {
        let network = try RawNetwork(fixture: "cancelling.pt", input: [1, 1, 8, 8])
        let ones = [Float](repeating: 1, count: 64)
        #expect(try network.plan().forward(ones, shape: [1, 1, 8, 8]).logits() == [1])
        let error = #expect(throws: RawTorchError.self) { try network.plan(precision: .bFloat16) }
        #expect(error?.code == .precisionUnsupported)
        if ctorch_bfloat16_supported() { #expect(error?.message.contains("by 100 % of the largest") == true) }
    }
}
