import CTorch
import Foundation
import Testing

@Suite("CTorch: networks") struct CTorchModelTests {
    @Test(
        "what is no TorchScript is told apart, with a remedy",
        arguments: [
            ("no-such-file.pt", CTorchCode.fileUnreadable, "There is no model file"),
            ("pickled.pt", .pickledCheckpoint, "torch.jit.trace"),
            ("state-dict.pt", .pickledCheckpoint, "export_classifier.py"),
            ("text.pt", .notTorchScript, "a text file"),
        ])
    func refused(name: String, code: CTorchCode, part: String) throws {
        let path = try TorchFixtures.path(name)
        #expect { try RawNetwork(path) } throws: { error in
            guard let error = error as? RawTorchError else { return false }
            return error.code == code && error.message.contains(part) && error.message.contains(name)
                && !error.message.contains("\n")
        }
    }

    @Test("an archive that was cut off is an error", arguments: [0, 3, 64, 1000, 100_000])
    func truncated(length: Int) throws {
        let whole = try Data(contentsOf: URL(filePath: TorchFixtures.path("resnet18.pt")))
        let file = FileManager.default.temporaryDirectory.appending(path: "truncated-\(UUID().uuidString).pt")
        try whole.prefix(length).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        #expect { try RawNetwork(file.path) } throws: { ($0 as? RawTorchError)?.code == .notTorchScript }
    }

    @Test("layers have the paths, classes and shapes of the modules") func layers() throws {
        let network = try RawNetwork(fixture: "resnet18.pt", input: [1, 3, 224, 224])
        for (path, operation, shape) in [
            ("conv1", "Conv2d", [1, 64, 112, 112]), ("layer2", "Sequential", [1, 128, 28, 28]),
            ("layer4.1.conv2", "Conv2d", [1, 512, 7, 7]), ("avgpool", "AdaptiveAvgPool2d", [1, 512, 1, 1]),
        ] {
            let layer = try #require(network.layer(path), "\(path)")
            #expect(String(cString: layer.operation) == operation)
            #expect(layer.shape.array == shape && layer.on_path)
        }
        #expect(network.automaticLayer == "layer4")
        #expect(network.reason.contains("7x7"))
        #expect(ctorch_model_output(network.handle).array == [1, 1000])
    }

    @Test("channels and size are found out where they are not given") func inputFound() throws {
        let resnet = try RawNetwork(fixture: "resnet18.pt")
        #expect(ctorch_model_input(resnet.handle).array == [1, 3, 224, 224])
        let tokens = try RawNetwork(fixture: "vit-tokens.pt")
        #expect(ctorch_model_input(tokens.handle).array == [1, 3, 32, 32])
    }

    @Test("an input that the network does not take is named") func inputRejected() throws {
        let path = try TorchFixtures.path("one-conv.pt")
        #expect { try RawNetwork(path, input: [1, 3, 4, 4]) } throws: { error in
            guard let error = error as? RawTorchError else { return false }
            return error.code == .inputRejected && error.message.contains("1x3x4x4")
        }
    }

    @Test("of several outputs the first is explained", arguments: ["tuple.pt", "dictionary.pt"])
    func severalOutputs(name: String) throws {
        let network = try RawNetwork(fixture: name, input: [1, 3, 32, 32])
        #expect(ctorch_model_output(network.handle).array == [1, 5])
        let pass = try network.plan(["conv2"]).forward([Float](repeating: 0.5, count: 3072), shape: [1, 3, 32, 32])
        #expect(try pass.map(.gradCAM, element: 3).count == 32 * 32)
    }

    @Test("float64 weights are computed in float32") func double() throws {
        let network = try RawNetwork(fixture: "double.pt", input: [1, 3, 32, 32])
        let pass = try network.plan().forward([Float](repeating: 0.5, count: 3072), shape: [1, 3, 32, 32])
        #expect(try pass.output().count == 5)
        #expect(try pass.map(.gradCAM, element: 0).contains { $0 != 0 })
    }

    @Test("a network without a map has no layer, and says why") func withoutConvolution() throws {
        let network = try RawNetwork(fixture: "no-conv.pt", input: [1, 3, 32, 32])
        #expect(network.automaticLayer == nil)
        #expect(network.reason.contains("no grid"))
        #expect { try network.plan() } throws: { ($0 as? RawTorchError)?.code == .noLayer }
    }

    @Test("a name that is not there gets its neighbours") func misspelled() throws {
        let network = try RawNetwork(fixture: "resnet18.pt", input: [1, 3, 224, 224])
        #expect { try network.plan(["layer44"]) } throws: { error in
            guard let error = error as? RawTorchError else { return false }
            return error.code == .noLayer && error.message.contains("layer4")
        }
    }

    @Test("where every gradient is blocked, EigenCAM still explains, and the others say so") func blocked() throws {
        let network = try RawNetwork(fixture: "blocked.pt", input: [1, 3, 32, 32])
        #expect(network.reason.contains("no gradient reaches it"))
        let plan = try network.plan()
        #expect(!ctorch_plan_gradient_flows(plan.handle, 0))
        let input = try TorchFixtures.array("softmax.x")
        let pass = try plan.forward(input)
        #expect(try pass.map(.eigenCAM, element: 0).contains { $0 > 0 })
        #expect { try pass.map(.gradCAM, element: 0) } throws: { ($0 as? RawTorchError)?.code == .gradientBlocked }
    }

    @Test("the caller's mistakes are errors, not crashes") func mistakes() throws {
        let network = try RawNetwork(fixture: "one-conv.pt", input: [1, 1, 4, 4])
        let plan = try network.plan(["conv1"])
        let values = [Float](repeating: 1, count: 16)
        let pass = try plan.forward(values, shape: [1, 1, 4, 4])
        let isMistake: (any Error) -> Bool = { ($0 as? RawTorchError)?.code == .invalidArgument }
        #expect(throws: (any Error).self) { try network.plan(["conv1", "conv1"]) }
        #expect { try plan.forward(values, shape: [1, 16]) } throws: { isMistake($0) }
        #expect { try plan.forward(values, shape: [1, 1, 4, -4]) } throws: { isMistake($0) }
        #expect { try plan.forward(values, shape: [1 << 40, 1 << 40, 4, 4]) } throws: { isMistake($0) }
        #expect { try pass.map(.gradCAM, element: 4) } throws: { isMistake($0) }
        #expect { try pass.map(.gradCAM, element: 0, image: 1) } throws: { isMistake($0) }
        #expect { try pass.map(.gradCAM, element: 0, layer: 1) } throws: { isMistake($0) }
        #expect { try pass.map(.gradCAM, element: 0, capacity: 3) } throws: { isMistake($0) }
        #expect { try plan.forward(values, shape: [1, 1, 2, 2]) } throws: { error in
            (error as? RawTorchError)?.code == .inputRejected
        }
    }
}
