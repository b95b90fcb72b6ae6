import COpenCV
import Core
import Foundation
import SystemPackage
import Testing

/// The real worker process over its real protocol.
@Suite("Worker", .timeLimit(.minutes(3))) struct WorkerTests {
    private let bench: WorkerBench

    init() throws { bench = try WorkerBench() }

    private var folder: URL { bench.folder }

    private func fixture(_ name: String) throws -> FilePath { try bench.fixture(name) }

    private func picture(_ name: String) -> FilePath {
        FilePath(#filePath).removingLastComponent().appending("Fixtures/pictures").appending(name)
    }

    private func worker(_ model: String, layers: [String] = []) async throws -> WorkerProcess {
        try await bench.worker(model, layers: layers)
    }

    private func explain(
        _ worker: WorkerProcess, _ change: (inout WorkerRequest) throws -> Void
    ) async throws -> Explanation {
        try await bench.explain(worker, change)
    }

    private func file(_ name: String) -> RawPath { bench.file(name) }

    @Test("a tensor's raw map is the reference map of captum, to 1e-4 of its peak") func tensor() async throws {
        let worker = try await worker("efficientnet-lite0.torchscript")
        let reference = try ReferenceArray(contentsOf: fixture("efficientnet-lite0.gradcam.npy").string)
        let classIndex = try ReferenceArray(contentsOf: fixture("efficientnet-lite0.class.npy").string).integers[0]
        let explanation = try await explain(worker) {
            $0.tensor = try RawPath(fixture("efficientnet-lite0.x.npy"))
            $0.heatMaps = [file("map.npy")]
        }
        let map = try ReferenceArray(contentsOf: folder.appending(path: "map.npy").path)
        #expect(map.shape == [7, 7])
        #expect(explanation.predictions.map(\.classIndex) == [Int(classIndex)])
        #expect(map.difference(to: reference) <= 1e-4)
        #expect(explanation.predictions[0].heat?.statistics.rawMax.map { Float($0) } == map.floats.max())
    }

    @Test("explaining and writing are the sums of their parts, each of which took time") func stages() async throws {
        let explanation = try await explain(try await worker("efficientnet-lite0.torchscript")) {
            $0.image = RawPath(picture("baseline.jpg"))
            $0.overlays = [file("overlay.jpg")]
        }
        let times = explanation.milliseconds
        let (explaining, writing) = ([times.backward, times.map], [times.blend, times.encode, times.sync])
        #expect((explaining + writing).allSatisfy { $0 > 0 }, "\(times)")
        #expect(abs(times.explain - explaining.reduce(0, +)) < 1e-9 && abs(times.write - writing.reduce(0, +)) < 1e-9)
    }

    @Test("two threads for the network: no image makes new ones, which would spin and take the processors away")
    func twoThreads() async throws {
        let worker = try await bench.worker("efficientnet-lite0.torchscript", threads: 2)
        var threads: [Set<String>] = []
        for _ in 0..<3 {
            _ = try await explain(worker) { $0.image = RawPath(picture("baseline.jpg")) }
            let tasks = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(worker.processIdentifier)/task")
            threads.append(Set(tasks))
        }
        #expect(threads[0].count > 1 && threads[1] == threads[0] && threads[2] == threads[0])
    }

    @Test("a network that is sure (p = 1) is explained by its logit") func saturated() async throws {
        let worker = try await worker("softmax.pt")
        #expect(worker.model.activation == "softmax" && worker.model.logitsFound)
        let explanation = try await explain(worker) { $0.tensor = try RawPath(fixture("softmax.x.npy")) }
        let heat = try #require(explanation.predictions[0].heat)
        #expect(explanation.predictions[0].classIndex == 2 && explanation.predictions[0].score == 1)
        #expect(heat.saturated && heat.target == "logit")
        #expect(!heat.statistics.zeroCAM && (heat.statistics.rawMax ?? 0) > 0)
    }

    @Test("a map without positive values: a flag, no number, and the picture untouched") func negative() async throws {
        // Everywhere above the mean that is subtracted, so that the network's only weight, -1, makes all negative.
        let white = try RawPicture(width: 24, height: 16, red: 255, green: 255, blue: 255)
        try Data(white.encoded(.PNG)).write(to: folder.appending(path: "white.png"))
        let worker = try await worker("negative.pt")
        let explanation = try await explain(worker) {
            $0.image = file("white.png")
            $0.targets = ["0"]
            $0.overlays = [file("with.png")]
            $0.overlay.format = .png
            $0.overlay.caption = false
        }
        let statistics = try #require(explanation.predictions[0].heat).statistics
        #expect(statistics.zeroCAM && !statistics.nonfinite)
        #expect(statistics.heatMean == nil && statistics.peakX == nil && statistics.entropy == nil)
        #expect(try bench.decodedRGB("with.png") == white.rgb)
    }

    @Test("a binary network explains the class that it takes the image for") func binary() async throws {
        let worker = try await worker("sigmoid-binary.pt", layers: ["conv1"])
        let explanation = try await explain(worker) {
            $0.tensor = try RawPath(fixture("sigmoid-binary.x.npy"))
            $0.top = 2
            $0.heatMaps = [file("first.npy"), file("second.npy")]
        }
        #expect(explanation.predictions.map(\.classIndex).sorted() == [0, 1])
        #expect(abs(explanation.predictions.map(\.score).reduce(0, +) - 1) < 1e-6)
        for (index, prediction) in explanation.predictions.enumerated() {
            let name = prediction.classIndex == 1 ? "positive" : "negative"
            let reference = try ReferenceArray(contentsOf: fixture("sigmoid-binary.gradcam.\(name).npy").string)
            let map = try ReferenceArray(
                contentsOf: folder.appending(path: index == 0 ? "first.npy" : "second.npy").path)
            #expect(map.difference(to: reference) <= 1e-4)
        }
    }

    @Test("blocked gradients: the gradient-free map, labelled as such") func blocked() async throws {
        let worker = try await worker("blocked.pt", layers: ["conv2"])
        let explanation = try await explain(worker) { $0.image = RawPath(picture("baseline.jpg")) }
        #expect(explanation.predictions[0].heat?.method == .eigenCAM)
        #expect(explanation.predictions[0].heat?.target == "none")
        #expect(explanation.notes.first?.contains("No gradient reaches conv2") == true)
    }

    @Test("two layers are fused on the finer grid; the strength is the stronger one's") func fused() async throws {
        let both = try await worker("resnet18.pt", layers: ["layer3", "layer4"])
        let one = try await worker("resnet18.pt", layers: ["layer4"])
        let image = RawPath(picture("baseline.jpg"))
        let fused = try await explain(both) {
            $0.image = image
            $0.heatMaps = [file("fused.npy")]
        }
        let single = try await explain(one) { $0.image = image }
        #expect(try ReferenceArray(contentsOf: folder.appending(path: "fused.npy").path).shape == [14, 14])
        #expect(fused.predictions[0].heat?.layers == ["layer3", "layer4"])
        let strength = try #require(fused.predictions[0].heat?.statistics.rawMax)
        #expect(try strength >= #require(single.predictions[0].heat?.statistics.rawMax) - 1e-6)
    }

    @Test(
        "each kind of useless model has a code of its own",
        arguments: [
            ("pickled.pt", Failure.Code.modelPickled), ("state-dict.pt", .modelPickled),
            ("text.pt", .modelNotTorchScript), ("missing.pt", .modelUnreadable), ("no-conv.pt", .modelWithoutLayer),
        ])
    func uselessModel(name: String, code: Failure.Code) async throws {
        let failure = await #expect(throws: Failure.self) { try await worker(name) }
        #expect(failure?.code == code)
        #expect(failure?.message.contains("\n") == false)
    }

    @Test("a layer that is not there names those that are near") func unknownLayer() async throws {
        let failure = await #expect(throws: Failure.self) { try await worker("resnet18.pt", layers: ["layer4.2"]) }
        #expect(failure?.code == .modelWithoutLayer && failure?.message.contains("layer4") == true)
    }

    @Test(
        "hostile files end with the reason, and the worker goes on",
        arguments: [
            ("/etc/hostname", Failure.Code.notAnImage), ("/dev/zero", .notARegularFile), ("/", .notARegularFile),
            ("/nowhere.jpg", .unreadable),
        ])
    func hostile(path: String, code: Failure.Code) async throws {
        let worker = try await worker("swish-scripted.pt")
        let failure = await #expect(throws: Failure.self) {
            try await explain(worker) { $0.image = RawPath(FilePath(path)) }
        }
        #expect(failure?.code == code)
        #expect(try await explain(worker) { $0.image = RawPath(picture("grey.jpg")) }.predictions.count == 1)
    }

    @Test("a truncated picture is said to be cut off") func truncated() async throws {
        let whole = try Data(contentsOf: URL(filePath: picture("baseline.jpg").string))
        try whole.prefix(whole.count * 3 / 4).write(to: folder.appending(path: "half.jpg"))
        let worker = try await worker("swish-scripted.pt")
        let failure = await #expect(throws: Failure.self) {
            try await explain(worker) { $0.image = file("half.jpg") }
        }
        #expect(failure?.code == .truncatedImage)
    }

    @Test("a symbolic link is not followed") func link() async throws {
        let link = folder.appending(path: "link.jpg")
        try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: picture("grey.jpg").string)
        let worker = try await worker("swish-scripted.pt")
        let failure = await #expect(throws: Failure.self) { try await explain(worker) { $0.image = file("link.jpg") } }
        #expect(failure?.code == .notARegularFile)
    }
}
