import Configuration
package import SystemPackage

/// What a TorchScript file does not say about itself: `NAME.yaml` beside `NAME.torchscript`.
package struct ModelCard: Equatable, Sendable {
    package enum Task: String, CaseIterable, Sendable {
        /// What the exporter wrote into the file, else by the output: detection where it has rows.
        case auto
        case classification
        case detection
    }

    /// What turns the network's output into probabilities.
    package enum Activation: String, CaseIterable, Sendable {
        /// What the network does last; without that, softmax over several outputs, sigmoid of a single one, and of a
        /// detector sigmoid where scores are no probabilities.
        case auto
        /// The output is a probability already.
        case none
        case softmax
        case sigmoid
    }

    package var name: String
    package var task: Task
    /// In the order of the output; of a network with one output: the negative class, then the positive one. Empty:
    /// those that the exporter wrote into the file.
    package var labels: [String]
    /// 0: found out.
    package var inputWidth: Int
    package var inputHeight: Int
    /// 3 (RGB) or 1 (grey).
    package var channels: Int
    /// A detector takes any multiples of its stride; `nil`: what the exporter wrote into the file.
    package var inputIsDynamic: Bool?
    /// `nil` here and below: as `Preprocessing` has it for the task.
    package var resize: ResizeMode?
    /// The share of the shorter side that the crop keeps, 0...1.
    package var cropFraction: Double?
    package var interpolation: Interpolation?
    /// 0...255, in the border that letterbox adds.
    package var padding: Int
    /// One value for each channel, of pixels from 0 to 1. Empty: as `Preprocessing` has it for the task.
    package var mean: [Double]
    package var std: [Double]
    package var activation: Activation
    package var targetLayers: [String]
    /// How a detector's output is read; `nil`: by its shape.
    package var layout: DetectorFamily?
    package var license: String
    package var source: String
    package var notes: String

    /// What is taken for a model that has no card: 0 sizes are found out by probing.
    package static let assumed = ModelCard(
        name: "", task: .auto, labels: [], inputWidth: 0, inputHeight: 0, channels: 0, inputIsDynamic: nil,
        resize: nil, cropFraction: nil,
        interpolation: nil, padding: 114, mean: [], std: [], activation: .auto, targetLayers: [], layout: nil,
        license: "", source: "", notes: "")

    /// Where the card of a model is looked for.
    package static func path(besides model: FilePath) -> FilePath {
        var card = model
        card.extension = "yaml"
        return card
    }
}

extension ModelCard {
    private static let defaults: [AbsoluteConfigKey: ConfigValue] = [
        "name": "", "task": "auto", "labels": ConfigValue(.stringArray([]), isSecret: false),
        "input.width": 0, "input.height": 0, "input.channels": 0, "input.dynamic": "auto",
        "resize.mode": "auto", "resize.crop_fraction": "auto", "resize.interpolation": "auto", "resize.padding": 114,
        "normalization.mean": ConfigValue(.doubleArray([]), isSecret: false),
        "normalization.std": ConfigValue(.doubleArray([]), isSecret: false),
        "activation": "auto", "detection.layout": "auto",
        "target_layers": ConfigValue(.stringArray([]), isSecret: false),
        "license": "", "source": "", "notes": "",
    ]

    /// - Throws: all problems at once, each with its line and remedy.
    package init(contentsOf path: FilePath) async throws(ConfigurationError) {
        var reader = try await SettingsReader(
            document: try YAMLDocument(contentsOf: path), defaults: Self.defaults)
        name = reader.string("name")
        task = reader.choice("task", .auto)
        labels = reader.strings("labels")
        inputWidth = reader.int("input.width", in: 0...16_384)
        inputHeight = reader.int("input.height", in: 0...16_384)
        channels = reader.int("input.channels", in: 0...3)
        inputIsDynamic = reader.boolUnlessAuto("input.dynamic")
        resize = reader.choiceUnlessAuto("resize.mode")
        cropFraction = reader.doubleUnlessAuto("resize.crop_fraction", in: 0.01...1)
        interpolation = reader.choiceUnlessAuto("resize.interpolation")
        padding = reader.int("resize.padding", in: 0...255)
        mean = reader.doubles("normalization.mean")
        std = reader.doubles("normalization.std")
        activation = reader.choice("activation", .auto)
        layout = reader.choiceUnlessAuto("detection.layout")
        targetLayers = reader.strings("target_layers")
        license = reader.string("license")
        source = reader.string("source")
        notes = reader.string("notes")
        if channels == 2 { reader.report("input.channels", "must be 3 (RGB) or 1 (grey)") }
        for (key, values) in [("normalization.mean", mean), ("normalization.std", std)]
        where values.count > 3 || values.count == 2 {
            reader.report(key, "must have one value, or one for each channel")
        }
        if std.contains(where: { !($0 > 0) }) {
            reader.report("normalization.std", "must be above 0", "The values divide; write 1 for no scaling.")
        }
        try reader.finish()
    }
}
