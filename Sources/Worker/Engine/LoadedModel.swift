import COpenCV
import CTorch
import Core
import Glibc
import SystemPackage

/// A network with its card and its plans: everything that explanations need. Not `Sendable`: it lives on the thread
/// that serves it.
final class LoadedModel {
    let file: FilePath
    let card: ModelCard
    let hasCard: Bool
    /// What the exporter wrote into the file; `nil` where it wrote nothing that can be read.
    let metadata: ExportMetadata?
    let task: ModelCard.Task
    let preprocessing: Preprocessing
    let labels: [String]
    let network: Network
    /// False where the process may make no memory executable.
    let usesOneDNN: Bool
    /// `nil` for a classifier.
    let detector: Detector?
    let precision: Precision
    private let layers: ExplanationLayers
    private var plans: [SaliencyMethod: ExplanationPlan] = [:]

    /// - Parameter layers: dotted paths; empty takes the card's, else the automatic ones.
    /// - Throws: `Failure` that says in one sentence what is wrong with file, card or layer.
    init(file: FilePath, layers: [String], precision: Precision, threads: Int) throws(Failure) {
        usesOneDNN = ctorch_choose_convolutions()
        ctorch_set_threads(Int32(threads))
        copencv_set_threads(1)
        let cardFile = ModelCard.path(besides: file)
        hasCard = access(cardFile.string, F_OK) == 0
        card = hasCard ? try Self.card(in: cardFile) : .assumed
        self.file = file
        self.precision = precision
        metadata = try Network.text(named: "config.txt", in: file).flatMap { try? ExportMetadata(parsing: $0) }
        network = try Network(contentsOf: file, input: Self.input(card, metadata))
        labels = card.labels.isEmpty ? metadata?.names ?? [] : card.labels
        (task, detector) = try Self.task(card, metadata, network, labels)
        preprocessing = Preprocessing(card: card, task: task, isUltralyticsExport: metadata?.task != nil)
        self.layers = ExplanationLayers(
            chosen: layers, ofCard: card.targetLayers, levels: detector == nil ? [] : network.levels)
        try check()
        try checkLabels()
        _ = try plan(for: defaultMethod)
    }

    private static func card(in file: FilePath) throws(Failure) -> ModelCard {
        let card = waitingHere { () -> Result<ModelCard, ConfigurationError> in
            do throws(ConfigurationError) { return .success(try await ModelCard(contentsOf: file)) } catch {
                return .failure(error)
            }
        }
        do throws(ConfigurationError) { return try card.get() } catch { throw Failure(.cardInvalid, "\(error)") }
    }

    /// N,C,H,W; 0 where nobody says.
    private static func input(_ card: ModelCard, _ metadata: ExportMetadata?) -> [Int] {
        let width = card.inputWidth > 0 ? card.inputWidth : metadata?.inputWidth ?? 0
        let height = card.inputHeight > 0 ? card.inputHeight : metadata?.inputHeight ?? 0
        return [1, card.channels > 0 ? card.channels : metadata?.channels ?? 0, height, width]
    }

    /// What the card says, else the exporter; else an output is a detector's where it can be read as one.
    private static func task(
        _ card: ModelCard, _ metadata: ExportMetadata?, _ network: Network, _ labels: [String]
    ) throws(Failure) -> (ModelCard.Task, Detector?) {
        let named: ModelCard.Task =
            if card.task != .auto { card.task } else if let task = metadata?.task {
                task == .classify ? .classification : .detection
            } else { .auto }
        if named == .classification { return (.classification, nil) }
        let mayBeDetector = network.output.count == 3 && !network.levels.isEmpty
        if named == .auto, !mayBeDetector { return (.classification, nil) }
        do throws(Failure) {
            return (.detection, try Detector(network: network, card: card, metadata: metadata, labels: labels))
        } catch {
            if named == .auto, network.output.dropFirst().contains(1) { return (.classification, nil) }
            throw error
        }
    }

    var channels: Int { network.input[1] }
    var inputWidth: Int { network.input[3] }
    var inputHeight: Int { network.input[2] }

    /// Pictures are padded to the next multiple of the stride only.
    var inputIsDynamic: Bool { card.inputIsDynamic ?? metadata?.isDynamic ?? false }
    /// Of the coarsest level. 32 where nobody says, as in most.
    private var stride: Int { metadata?.stride ?? detector?.layout.levels.last?.stride ?? 32 }

    /// Elements of a classifier's output.
    var outputs: Int { network.output.dropFirst().reduce(1, *) }

    var defaultMethod: SaliencyMethod { .automatic(for: task) }

    // MARK: - Plans

    /// Where a method explains; made when it is first asked for.
    func plan(for method: SaliencyMethod) throws(Failure) -> ExplanationPlan {
        if let plan = plans[method] { return plan }
        let plan = try ExplanationPlan(network, layers, method: method, precision: precision)
        plans[method] = plan
        return plan
    }

    /// Input pixels for each cell of a pyramid's level.
    func stride(ofLevel level: Int) -> Int {
        Int((Double(inputHeight) / Double(network.levels[level].headInput.shape[2])).rounded())
    }

    /// How a picture of this size lies in the network's input.
    func placement(ofPicture size: (width: Int, height: Int)) -> Placement {
        let input = (width: inputWidth, height: inputHeight)
        if preprocessing.resize == .letterbox, inputIsDynamic {
            return .letterbox(picture: size, longestInput: input, stride: stride)
        }
        return Placement(
            picture: size, input: input, mode: preprocessing.resize, cropFraction: preprocessing.cropFraction)
    }

    /// One value for each channel.
    func perChannel(_ values: [Double]) -> [Float] {
        if values.count == channels { return values.map { Float($0) } }
        let mean = values.reduce(0, +) / Double(values.count)
        return Array(repeating: Float(mean), count: channels)
    }

    private func check() throws(Failure) {
        guard channels == 1 || channels == 3 else {
            throw Failure(
                .modelUnsupported, "The network takes \(channels) channels; pictures have 3, or 1 in grey.",
                remedy: "Explain tensors with gradcam explain --tensor.")
        }
    }

    private func checkLabels() throws(Failure) {
        if card.labels.isEmpty, metadata?.hasTooManyNames == true {
            throw Failure(
                .cardInvalid, "The exporter wrote more than \(ExportMetadata.longestNames) labels into the model.",
                remedy: "List the labels in the model card.")
        }
        if let detector { return try checkLabels(of: detector) }
        let expected = outputs == 1 ? [0, 1, 2] : [0, outputs]
        guard expected.contains(labels.count) else {
            throw Failure(
                .cardInvalid,
                "The card has \(labels.count) labels, and the network \(outputs) outputs.",
                remedy: outputs == 1
                    ? "List the negative class, then the positive one."
                    : "List one label for each output, in its order.")
        }
    }

    /// With too few labels the last classes would be taken for what stands behind the classes, as masks do.
    private func checkLabels(of detector: Detector) throws(Failure) {
        var classes = metadata?.names.count ?? 0
        if metadata?.task == .detect, detector.layout.family != .endToEnd, !labels.isEmpty {
            classes = max(classes, labels.count + detector.layout.ignoredAttributes)
        }
        guard labels.count < classes else { return }
        throw Failure(
            .cardInvalid, "The card has \(labels.count) labels, and the network \(classes) classes.",
            remedy: "List one label for each class, in the network's order, or none to take the exporter's.")
    }
}
