import CTorch
import Testing

/// What is differentiated: the logits before a final activation, or what stands in for them.
@Suite("CTorch: targets") struct CTorchTargetTests {
    private func network(_ name: String) throws -> RawNetwork {
        try RawNetwork(fixture: name, input: [1, 3, 32, 32])
    }

    @Test(
        "a softmax at p = 1 is explained by its logit, also behind operators that move elements",
        arguments: [
            "softmax", "softmax-viewed",
        ])
    func saturated(name: String) throws {
        let network = try network(name + ".pt")
        #expect(ctorch_model_activation(network.handle) == .softmax)
        #expect(ctorch_model_logits_found(network.handle))
        let pass = try network.plan(["conv1"]).forward(TorchFixtures.array("softmax.x"))
        let element = try TorchFixtures.explained(name)
        #expect(try pass.output()[element] == 1)
        #expect(try pass.logits().max() == pass.logits()[element])
        let map = try pass.map(.gradCAM, element: element)
        #expect(try relativeDifference(map, TorchFixtures.array(name + ".gradcam").floats) < 1e-5)
    }

    @Test("a softmax behind a slice is named, and log p stands in for the logit") func sliced() throws {
        let network = try network("softmax-sliced.pt")
        #expect(ctorch_model_activation(network.handle) == .softmax)
        #expect(!ctorch_model_logits_found(network.handle))
        let pass = try network.plan(["conv1"]).forward(TorchFixtures.array("softmax-sliced.x"))
        let map = try pass.map(.gradCAM, element: 0)
        #expect(try relativeDifference(map, TorchFixtures.array("softmax-sliced.gradcam").floats) < 1e-5)
    }

    @Test("a network with one sigmoid is explained for either class") func binary() throws {
        let network = try network("sigmoid-binary.pt")
        #expect(ctorch_model_activation(network.handle) == .sigmoid)
        let pass = try network.plan(["conv1"]).forward(TorchFixtures.array("sigmoid-binary.x"))
        for (name, sign) in [("positive", Float(1)), ("negative", -1)] {
            let expected = try TorchFixtures.array("sigmoid-binary.gradcam." + name).floats
            #expect(try relativeDifference(pass.map(.gradCAM, element: 0, sign: sign), expected) < 1e-5, "\(name)")
        }
    }

    @Test("the softmax of an attention is no final activation") func attention() throws {
        let network = try network("vit-tokens.pt")
        #expect(ctorch_model_activation(network.handle) == .none)
    }

    @Test("a negative map stays negative: raw maps are before ReLU") func negative() throws {
        let network = try RawNetwork(fixture: "negative.pt", input: [1, 1, 2, 2])
        let pass = try network.plan(["conv1"]).forward(TorchFixtures.array("negative.x"))
        #expect(try pass.map(.gradCAM, element: 0) == [-0.25, -0.25, -0.25, -0.25])
        #expect(try pass.map(.gradCAM, element: 1) == [0.25, 0.25, 0.25, 0.25])
    }
}
