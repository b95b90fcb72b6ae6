import Testing

@testable import Core

@Suite("Model card") struct ModelCardTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("all that a card says is read") func whole() async throws {
        let file = try folder.write(
            """
            name: Two animals
            task: classification
            labels:
              - no
              - yes, a cat
            input: {width: 320, height: 240, channels: 1}
            resize: {mode: letterbox, interpolation: linear, padding: 0}
            normalization: {mean: [0.5], std: [0.25]}
            activation: sigmoid
            target_layers: [features.7]
            license: MIT
            """, to: "card.yaml")
        let card = try await ModelCard(contentsOf: file)
        // YAML takes a bare `no` for false; a label is a text all the same.
        #expect(card.labels == ["no", "yes, a cat"])
        #expect((card.inputWidth, card.inputHeight, card.channels) == (320, 240, 1))
        #expect(card.resize == .letterbox)
        #expect(card.mean == [0.5])
        #expect(card.activation == .sigmoid)
        #expect(card.targetLayers == ["features.7"])
    }

    @Test("what a card leaves open is as networks of its task are trained") func preprocessing() async throws {
        let file = try folder.write(
            "task: detection\ninput: {dynamic: true}\ndetection: {layout: yolov5}\n", to: "card.yaml")
        let card = try await ModelCard(contentsOf: file)
        #expect(card.task == .detection && card.layout == .yolov5 && card.resize == nil)
        #expect(card.inputIsDynamic == true)
        // YOLO: letterbox with OpenCV's bilinear interpolation, pixels of 0...1.
        let detector = Preprocessing(card: card, task: .detection, isUltralyticsExport: true)
        #expect(detector.resize == .letterbox && detector.interpolation == .linear && detector.padding == 114)
        #expect(detector.mean == [0] && detector.std == [1])
        // torchvision's classifiers: https://pytorch.org/vision/stable/models.html
        let classifier = Preprocessing(card: .assumed, task: .classification, isUltralyticsExport: false)
        #expect(classifier.resize == .shorterSideAndCenterCrop && classifier.cropFraction == 0.875)
        #expect(classifier.mean == [0.485, 0.456, 0.406] && classifier.std == [0.229, 0.224, 0.225])
        // Ultralytics' classifiers: the whole square, pixels of 0...1.
        let other = Preprocessing(card: .assumed, task: .classification, isUltralyticsExport: true)
        #expect(other.cropFraction == 1 && other.mean == [0])
    }

    @Test("a typing error is found") func typingError() async throws {
        let file = try folder.write("lables: [a, b]\n", to: "card.yaml")
        let error = await #expect(throws: ConfigurationError.self) { try await ModelCard(contentsOf: file) }
        #expect(error?.description.contains("lables is not a setting. Did you mean labels?") == true)
    }

    @Test("what would divide by zero is refused") func zeroStd() async throws {
        let file = try folder.write("normalization: {mean: [0, 0, 0], std: [1, 0, 1]}\n", to: "card.yaml")
        let error = await #expect(throws: ConfigurationError.self) { try await ModelCard(contentsOf: file) }
        #expect(error?.problems.map(\.key) == ["normalization.std"])
    }
}
