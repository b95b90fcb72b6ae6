import Core
import Foundation
import SystemPackage
import Testing

/// The detectors of tools/signdet on pictures with a sign at a known place, through the real worker.
@Suite("Worker: detectors", .timeLimit(.minutes(5))) struct WorkerDetectorTests {
    private let bench: WorkerBench

    init() throws { bench = try WorkerBench() }

    /// What `Fixtures/sign_pictures.py` drew.
    private struct Truth: Decodable {
        var boxes: [[Double]]
        var classes: [String]

        func box(_ index: Int) -> Box {
            Box(left: boxes[index][0], top: boxes[index][1], right: boxes[index][2], bottom: boxes[index][3])
        }
    }

    private func truth(_ picture: String) throws -> Truth {
        let file = URL(filePath: try bench.fixture(picture + ".json").string)
        return try JSONDecoder().decode(Truth.self, from: Data(contentsOf: file))
    }

    private func explain(
        _ picture: String, with model: String = "signdet.torchscript",
        _ change: (inout WorkerRequest) -> Void = { _ in }
    ) async throws -> Explanation {
        let worker = try await bench.worker(model)
        return try await bench.explain(worker) { request in
            request.image = RawPath(try bench.fixture(picture))
            change(&request)
        }
    }

    @Test(
        "boxes and heat lie where the signs are: portrait, landscape, 24 megapixels, small beside large",
        arguments: ["portrait.png", "landscape.png", "large.jpg", "small-and-large.png"],
        ["signdet.torchscript", "signdet-anchors.torchscript"])
    func places(picture: String, model: String) async throws {
        let truth = try truth(picture)
        let explanation = try await explain(picture, with: model)
        #expect(explanation.predictions.count == truth.boxes.count)
        for prediction in explanation.predictions {
            let index = try #require(truth.classes.firstIndex(of: prediction.label))
            let object = try #require(prediction.object)
            #expect(object.box.iou(with: truth.box(index)) > 0.8, "\(prediction.label)")
            let heat = try #require(prediction.heat)
            #expect(heat.method == .localGradCAM)
            #expect(heat.inBox?.pointingHit == true)
            #expect(try #require(heat.inBox?.energyInBox) > 0.7)
            let peak = Box(
                left: Double(try #require(heat.statistics.peakX)), top: Double(try #require(heat.statistics.peakY)),
                right: 0, bottom: 0)
            let sign = truth.box(index)
            #expect(sign.left...sign.right ~= peak.left && sign.top...sign.bottom ~= peak.top)
            #expect(heat.statistics.rawMax ?? 0 > 0 && !heat.statistics.zeroCAM)
        }
    }

    @Test("objects of all three levels are explained, each at its own") func levels() async throws {
        var strides: Set<Int> = []
        for picture in ["small-and-large.png", "twins.png"] {
            for prediction in try await explain(picture).predictions {
                let stride = try #require(prediction.object?.stride)
                #expect(prediction.heat?.layers == ["pyramid.concat\(stride)"])
                strides.insert(stride)
            }
        }
        #expect(strides == [8, 16, 32])
    }

    @Test(
        "of two identical signs each has its heat on itself, where plain Grad-CAM has it on both",
        arguments: ["signdet.torchscript", "signdet-anchors.torchscript"])
    func twins(model: String) async throws {
        let truth = try truth("twins.png")
        let (own, plain) = (
            try await explain("twins.png", with: model).predictions,
            try await explain("twins.png", with: model) { $0.method = .gradCAM }.predictions
        )
        #expect(own.count == 2 && plain.count == 2)
        for prediction in own {
            #expect(try #require(prediction.heat?.inBox?.energyInBox) >= 0.9)
            #expect(try #require(prediction.heat?.inBox?.otherEnergy) < 0.01)
            let box = try #require(prediction.object?.box)
            #expect(max(box.iou(with: truth.box(0)), box.iou(with: truth.box(1))) > 0.8)
        }
        for prediction in plain {
            #expect(try #require(prediction.heat?.inBox?.energyInBox) < 0.6)
            #expect(try #require(prediction.heat?.inBox?.otherEnergy) > 0.3)
        }
    }

    @Test(
        "nothing found: the picture untouched, with a caption, and no prediction", arguments: ["empty.png", "row.png"])
    func nothingFound(picture: String) async throws {
        let explanation = try await explain(picture) { request in
            request.overlays = [bench.file("overlay.png")]
            request.overlay.format = .png
        }
        #expect(explanation.predictions.isEmpty && !explanation.isCapped)
        #expect(explanation.overlays.count == 1)
        let overlay = try bench.decoded("overlay.png")
        let bytes = try [UInt8](Data(contentsOf: URL(filePath: bench.fixture(picture).string)))
        let original = try RawPicture(decoding: bytes, width: overlay.width, height: overlay.height)
        // The caption is a twentieth of the shorter side high; a picture of one row has no room for it.
        let captioned = overlay.height > 100 ? overlay.height / 20 + 15 : 0
        let above = 3 * overlay.width * (overlay.height - captioned)
        #expect(overlay.rgb.prefix(above) == original.rgb.prefix(above))
        #expect((overlay.rgb != original.rgb) == (captioned > 0))
    }

    @Test("what is more than may be explained is logged without heat, and said") func capped() async throws {
        let explanation = try await explain("small-and-large.png") { $0.detections.explained = 1 }
        #expect(explanation.isCapped)
        #expect(explanation.predictions.map { $0.heat != nil } == [true, false])
        #expect(explanation.predictions[0].score > explanation.predictions[1].score)
    }

    @Test("classes, confidence and rows that a person names") func chosen() async throws {
        let one = try await explain("small-and-large.png") { $0.targets = ["WARNING"] }
        #expect(one.predictions.map(\.label) == ["warning"])
        let listed = try await explain("small-and-large.png") { $0.detections.classes = ["2"] }
        #expect(listed.predictions.map(\.label) == ["no_entry"])
        let none = try await explain("small-and-large.png") { $0.detections.confidence = 0.99 }
        #expect(none.predictions.isEmpty)
        let row = try #require(one.predictions[0].object?.row)
        let again = try await explain("small-and-large.png") { request in
            request.row = row
            request.targets = ["warning"]
        }
        #expect(again.predictions[0].heat == one.predictions[0].heat)
        let failure = await #expect(throws: Failure.self) {
            try await explain("empty.png") { $0.targets = ["cat"] }
        }
        #expect(failure?.code == .unknownTarget && failure?.remedy.contains("no_entry") == true)
    }

    @Test("one overlay with all boxes, and on request one of each, or all next to each other") func overlays()
        async throws
    {
        let paths = (0..<4).map { bench.file("overlay-\($0).png") }
        let together = try await explain("twins.png") { $0.overlays = paths }
        #expect(together.overlays.count == 1 && together.predictions.map(\.overlay) == [0, 0])
        let separate = try await explain("twins.png") { request in
            request.overlays = paths
            request.overlay.objects = .separate
            request.heatMaps = [bench.file("0.npy"), bench.file("1.npy")]
        }
        #expect(separate.overlays == Array(paths.prefix(3)) && separate.predictions.map(\.overlay) == [1, 2])
        #expect(try ReferenceArray(contentsOf: bench.folder.appending(path: "1.npy").path).shape == [20, 20])
        let sideBySide = try await explain("twins.png") { request in
            request.overlays = paths
            request.overlay.objects = .sideBySide
            request.overlay.format = .png
        }
        #expect(sideBySide.overlays.count == 2 && sideBySide.predictions.map(\.overlay) == [0, 0])
        // Two pictures of 320 x 320 with a gap of 10 between them.
        let sheet = try bench.decoded("overlay-1.png")
        #expect((sheet.width, sheet.height) == (650, 320))
    }

    @Test("of a YOLOv5 box what is asked for is differentiated: both logits, or one") func targets() async throws {
        func value(_ target: DetectionTarget) async throws -> (value: Double, prediction: Prediction) {
            let explanation = try await explain("portrait.png", with: "signdet-anchors.torchscript") {
                $0.detections.target = target
            }
            let prediction = explanation.predictions[0]
            #expect(prediction.heat?.target == target.rawValue)
            return (try #require(prediction.logit), prediction)
        }
        let (objectness, prediction) = try await value(.objectness)
        let (classLogit, _) = try await value(.classScore)
        let (sum, _) = try await value(.logit)
        let (score, _) = try await value(.score)
        #expect(abs(sum - (objectness + classLogit)) < 1e-4)
        #expect(abs(score - log(prediction.score)) < 1e-4)
        #expect(abs(1 / (1 + exp(-objectness)) - (prediction.object?.objectness ?? 0)) < 1e-5)
    }

    @Test("what the exporter wrote needs no card: labels, size, task, and what is ignored") func metadata() async throws
    {
        let model = try await bench.worker("detector-masks.pt").model
        #expect(model.task == "detection" && !model.hasCard)
        #expect(model.input == [1, 3, 128, 128])
        #expect(model.labels == (0..<5).map { "kind \($0)" })
        #expect(model.method == .localGradCAM)
        #expect(model.targets.map(\.path) == ["pyramid.join8", "pyramid.join16", "pyramid.join32"])
        let detector = try #require(model.detector)
        #expect(detector.family == .yolov8 && detector.exportedTask == .segment && detector.ignoredAttributes == 7)
        #expect(detector.levels.map(\.rows) == [256, 64, 16])
        #expect(detector.levels.map(\.headInput) == ["pyramid.neck8", "pyramid.neck16", "pyramid.neck32"])
    }

    @Test("a card goes before what the exporter wrote") func card() async throws {
        let model = bench.folder.appending(path: "model.pt").path
        try FileManager.default.copyItem(atPath: bench.fixture("detector-anchored.pt").string, toPath: model)
        let card = bench.folder.appending(path: "model.yaml")
        try "labels: [a, b, c, d, e]\ntarget_layers: [pyramid.stage8]\ndetection: {layout: yolov5}\n".write(
            to: card, atomically: true, encoding: .utf8)
        let worker = try await bench.worker(model)
        #expect(worker.model.labels == ["a", "b", "c", "d", "e"])
        #expect(worker.model.targets.map(\.path) == ["pyramid.stage8"])
        #expect(worker.model.detector?.anchorsPerCell == 3)
        try "labels: [a, b, c, d, e]\ndetection: {layout: yolov9}\n".write(to: card, atomically: true, encoding: .utf8)
        let failure = await #expect(throws: Failure.self) { try await bench.worker(model) }
        #expect(failure?.code == .cardInvalid && failure?.message.contains("end-to-end") == true)
    }

    @Test("a detector's card with too few labels is refused: the last classes would be taken for none")
    func tooFewLabels() async throws {
        let model = bench.folder.appending(path: "model.pt").path
        try FileManager.default.copyItem(atPath: bench.fixture("detector-anchor-free.pt").string, toPath: model)
        try "labels: [a, b, c]\n".write(
            to: bench.folder.appending(path: "model.yaml"), atomically: true, encoding: .utf8)
        let failure = await #expect(throws: Failure.self) { try await bench.worker(model) }
        #expect(failure?.code == .cardInvalid)
        #expect(failure?.message == "The card has 3 labels, and the network 5 classes.")
    }

    @Test("a network of any size sees a picture with the padding that its stride needs, and finds the same")
    func dynamicInput() async throws {
        let model = bench.folder.appending(path: "free.torchscript").path
        try FileManager.default.copyItem(atPath: bench.fixture("signdet.torchscript").string, toPath: model)
        try "input: {dynamic: true}\n".write(
            to: bench.folder.appending(path: "free.yaml"), atomically: true, encoding: .utf8)
        for picture in ["portrait.png", "landscape.png"] {
            let truth = try truth(picture)
            let predictions = try await explain(picture, with: model).predictions
            #expect(predictions.map(\.label) == truth.classes)
            let heat = try #require(predictions.first?.heat)
            #expect(try #require(predictions[0].object).box.iou(with: truth.box(0)) > 0.8)
            #expect(heat.inBox?.pointingHit == true)
            // 300 x 800 at 320: 120 x 320 on 128 x 320; 900 x 280: 320 x 100 on 320 x 128.
            #expect((heat.gridWidth, heat.gridHeight) == (picture == "portrait.png" ? (120, 320) : (320, 100)))
        }
    }

    @Test("blocked gradients: a map that is labelled as gradient-free, and what export avoids it") func blocked()
        async throws
    {
        let explanation = try await explain("large.jpg", with: "detector-blocked.pt") { $0.detections.confidence = 0.1 }
        let heat = try #require(explanation.predictions.first?.heat)
        #expect(heat.method == .eigenCAM && heat.target == "none")
        #expect(explanation.notes.first?.contains("end2end=False") == true)
    }

    @Test("logits where others give probabilities: the same boxes") func unsigmoided() async throws {
        let plain = try await explain("twins.png", with: "detector-anchor-free.pt").predictions
        let other = try await explain("twins.png", with: "detector-unsigmoided.pt").predictions
        let transposed = try await explain("twins.png", with: "detector-transposed.pt").predictions
        #expect(!plain.isEmpty)
        #expect(plain.map { $0.object?.row } == other.map { $0.object?.row })
        #expect(zip(plain, other).allSatisfy { abs($0.score - $1.score) < 1e-5 })
        #expect(plain.map(\.heat) == transposed.map(\.heat))
    }

    @Test("an output of another shape is named, with the shapes that are known") func unknownShape() async throws {
        let model = bench.folder.appending(path: "classifier.pt").path
        try FileManager.default.copyItem(atPath: bench.fixture("resnet18.pt").string, toPath: model)
        try "task: detection\n".write(
            to: bench.folder.appending(path: "classifier.yaml"), atomically: true, encoding: .utf8)
        let failure = await #expect(throws: Failure.self) { try await bench.worker(model) }
        #expect(failure?.code == .modelUnsupported)
        #expect(failure?.message.contains("1x1000") == true && failure?.message.contains("5 + classes") == true)
    }
}
