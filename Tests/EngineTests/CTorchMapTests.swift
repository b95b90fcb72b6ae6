import CTorch
import Foundation
import Testing

/// Raw maps against captum on the eager network, and against arithmetic on paper.
@Suite("CTorch: maps") struct CTorchMapTests {
    /// The one-convolution network on 0...15: its activations are 3x3 sums minus 50 and minus 75.
    private func oneConvolution(_ layer: String) throws -> RawPass {
        let network = try RawNetwork(fixture: "one-conv.pt", input: [1, 1, 4, 4])
        return try network.plan([layer]).forward(TorchFixtures.array("one-conv.x"))
    }

    @Test("Grad-CAM and LayerCAM of the one-convolution network are exact", arguments: ["conv1", "relu1"])
    func golden(layer: String) throws {
        let pass = try oneConvolution(layer)
        for (name, method) in [("gradcam", CTorchMethod.gradCAM), ("layercam", .layerCAM)] {
            let expected = try TorchFixtures.array("one-conv.\(name).\(layer)").floats
            #expect(try pass.map(method, element: 0) == expected, "\(name)")
        }
        #expect(try pass.output() == [54, 54, 54, 54])
    }

    @Test("HiResCAM, XGrad-CAM and Grad-CAM++ are what the papers' formulas give by hand") func byHand() throws {
        // relu1: activations 0 4 31 40 and 0 0 6 15, gradients 1 1 1 1 and 1 -1 -1 -1.
        let pass = try oneConvolution("relu1")
        #expect(try pass.map(.hiResCAM, element: 0) == [0, 4, 31 - 6, 40 - 15])
        // Weights 75 / 75 and -21 / 21.
        #expect(try pass.map(.xGradCAM, element: 0) == [0, 4, 31 - 6, 40 - 15])
        // Weights 4 / (2 + 75) and, of the positive gradient alone, 1 / (2 + 21).
        let first: Float = 4 / 77
        let second: Float = 1 / 23
        let expected = [0, 4 * first, 31 * first + 6 * second, 40 * first + 15 * second]
        #expect(try relativeDifference(pass.map(.gradCAMPlusPlus, element: 0), expected) < 1e-6)
    }

    @Test("local Grad-CAM weighs the gradients around each cell by a Gaussian") func localByHand() throws {
        // relu1: activations 0 4 31 40 and 0 0 6 15, gradients 1 1 1 1 and 1 -1 -1 -1, on 2 x 2 cells.
        let bell = (-4...4).map { exp(-Float($0 * $0) / 2) }
        let sum = bell.reduce(0, +)
        let (own, next) = (bell[4] / sum, bell[5] / sum)
        let all = (own + next) * (own + next)
        // Of the second channel the first cell is +1, where all are -1: two shares more than none.
        let second = [own * own, own * next, own * next, next * next].map { 2 * $0 - all }
        let expected = zip([0, 4, 31, 40], zip([0, 0, 6, 15], second)).map { first, other in
            first * all + other.0 * other.1
        }
        #expect(try relativeDifference(oneConvolution("relu1").map(.localGradCAM, element: 0), expected) < 1e-6)
    }

    @Test("EigenCAM projects on the first component, and its sign follows the channels' sum") func eigen() throws {
        let channels: [[Double]] = [[0, 4, 31, 40], [0, 0, 6, 15]]
        let centred = channels.map { channel in channel.map { $0 - channel.reduce(0, +) / 4 } }
        func product(_ left: [Double], _ right: [Double]) -> Double { zip(left, right).map(*).reduce(0, +) }
        let (a, b, d) = (
            product(centred[0], centred[0]), product(centred[0], centred[1]), product(centred[1], centred[1])
        )
        // The larger eigenvalue of [[a, b], [b, d]] and its vector (b, value - a).
        let value = (a + d) / 2 + ((a - d) * (a - d) / 4 + b * b).squareRoot()
        let length = (b * b + (value - a) * (value - a)).squareRoot()
        let expected = zip(centred[0], centred[1]).map { Float(($0 * b + $1 * (value - a)) / length) }
        #expect(try relativeDifference(oneConvolution("relu1").map(.eigenCAM, element: 0), expected) < 1e-6)
    }

    @Test("dead activations give zeros in every method, never NaN") func dead() throws {
        let network = try RawNetwork(fixture: "one-conv.pt", input: [1, 1, 4, 4])
        let pass = try network.plan(["relu1"]).forward([Float](repeating: 0, count: 16), shape: [1, 1, 4, 4])
        for method in [
            CTorchMethod.gradCAM, .gradCAMPlusPlus, .hiResCAM, .layerCAM, .xGradCAM, .eigenCAM, .localGradCAM,
        ] {
            #expect(try pass.map(method, element: 0) == [0, 0, 0, 0], "\(method)")
        }
    }

    @Test(
        "ResNet-18 at layer4, a batch of two, traced, scripted and frozen",
        arguments: [
            ("resnet18.pt", "layer4"), ("resnet18-scripted.pt", "layer4"), ("resnet18-frozen.pt", "aten::relu_.16"),
        ])
    func resnet(model: String, layer: String) throws {
        let network = try RawNetwork(fixture: model, input: [1, 3, 224, 224])
        #expect(network.automaticLayer == layer)
        let pass = try network.plan([layer]).forward(TorchFixtures.array("resnet18.x"))
        #expect(try relativeDifference(pass.logits(), TorchFixtures.array("resnet18.logits").floats) < 1e-5)
        let classes = try TorchFixtures.array("resnet18.class").integers
        for (name, method) in [("gradcam", CTorchMethod.gradCAM), ("hirescam", .hiResCAM), ("layercam", .layerCAM)] {
            let maps = try classes.enumerated().flatMap { image, label in
                try pass.map(method, element: Int(label), image: image)
            }
            let expected = try TorchFixtures.array("resnet18.\(name).layer4").floats
            #expect(relativeDifference(maps, expected) < 1e-5, "\(name)")
        }
    }

    @Test("two layers in one plan, the second behind the first, are as captum says for each") func twoLayers() throws {
        let plan = try RawNetwork(fixture: "resnet18.pt", input: [1, 3, 224, 224]).plan(["layer2", "layer4"])
        let pass = try plan.forward(TorchFixtures.array("resnet18.x"))
        // The first image has a pre-activation of 5.6e-8 in layer3.0: rounding decides whether its ReLU is open, and
        // with it captum's own gradient at layer2.
        let image = 1
        let element = try Int(TorchFixtures.array("resnet18.class").integers[image])
        for (index, layer, cells) in [(0, "layer2", 28 * 28), (1, "layer4", 7 * 7)] {
            for (name, method) in [("gradcam", CTorchMethod.gradCAM), ("hirescam", .hiResCAM)] {
                let map = try pass.map(method, element: element, image: image, layer: index)
                let expected = try TorchFixtures.array("resnet18.\(name).\(layer)").floats.suffix(cells)
                #expect(relativeDifference(map, Array(expected)) < 1e-5, "\(name) \(layer)")
            }
        }
    }

    @Test("EfficientNet-Lite0 with its published weights") func efficientNet() throws {
        let network = try RawNetwork(fixture: "efficientnet-lite0.torchscript")
        let pass = try network.plan(["head"]).forward(TorchFixtures.array("efficientnet-lite0.x"))
        let element = try TorchFixtures.explained("efficientnet-lite0")
        for (name, method) in [("gradcam", CTorchMethod.gradCAM), ("hirescam", .hiResCAM), ("layercam", .layerCAM)] {
            let expected = try TorchFixtures.array("efficientnet-lite0.\(name)").floats
            #expect(try relativeDifference(pass.map(method, element: element), expected) < 1e-5, "\(name)")
        }
    }

    @Test("a transformer's tokens lie on their grid, without the class token") func tokens() throws {
        let network = try RawNetwork(fixture: "vit-tokens.pt", input: [1, 3, 32, 32])
        let pass = try network.plan(["ln_1"]).forward(TorchFixtures.array("vit-tokens.x"))
        let expected = try TorchFixtures.array("vit-tokens.gradcam").floats
        #expect(try relativeDifference(pass.map(.gradCAM, element: 0), expected) < 1e-5)
    }

    @Test("an input of another size than the probe's, through packed convolutions") func otherSize() throws {
        let plan = try RawNetwork(fixture: "small-free-size.pt", input: [1, 3, 32, 32]).plan(["conv2"])
        let element = try TorchFixtures.explained("small-free-size")
        let expected = try TorchFixtures.array("small-free-size.gradcam").floats
        let input = try TorchFixtures.array("small-free-size.x")
        #expect(try relativeDifference(plan.forward(input).map(.gradCAM, element: element), expected) < 1e-5)
        // Five of the same in a batch, which the packed weights were not made for either.
        let batch = try plan.forward((0..<5).flatMap { _ in input.floats }, shape: [5] + input.shape.dropFirst())
        #expect(try relativeDifference(batch.map(.gradCAM, element: element, image: 4), expected) < 1e-5)
    }

    @Test(
        "what is computed with convolutions is what PyTorch computes around them, for sizes that change",
        arguments: ["epilogues", "padded"])
    func packed(network: String) throws {
        let plan = try RawNetwork(fixture: "\(network).pt", input: [1, 3, 24, 24]).plan(["target"])
        // The plan would fall back to the network's own operators if it were far off.
        #expect(ctorch_plan_packed_convolution_count(plan.handle) >= (network == "epilogues" ? 20 : 10))
        for size in ["small", "large", "batch", "small", "large"] {
            let pass = try plan.forward(TorchFixtures.array("\(network).\(size).x"))
            let scores = try TorchFixtures.array("\(network).\(size).scores").floats
            #expect(try relativeDifference(pass.output(), scores) < 1e-5, "\(size)")
            let map = try TorchFixtures.array("\(network).\(size).gradcam").floats
            #expect(try relativeDifference(pass.map(.gradCAM, element: 0), map) < 1e-5, "\(size)")
        }
    }

    @Test("twenty images in a row through a scripted net are explained alike, bit for bit") func twenty() throws {
        let plan = try RawNetwork(fixture: "swish-scripted.pt", input: [1, 3, 32, 32]).plan(["conv2"])
        let input = try TorchFixtures.array("swish.x")
        let element = try TorchFixtures.explained("swish")
        let first = try plan.forward(input).map(.gradCAM, element: element)
        #expect(try relativeDifference(first, TorchFixtures.array("swish.gradcam.conv2").floats) < 1e-5)
        for _ in 1..<20 {
            let again = try plan.forward(input).map(.gradCAM, element: element)
            #expect(again.map(\.bitPattern) == first.map(\.bitPattern))
        }
    }
}
