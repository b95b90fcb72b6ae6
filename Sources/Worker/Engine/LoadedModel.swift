import COpenCV
import CTorch
import Core
import Glibc
import SystemPackage

/// A network with its card and its plan: everything that explanations need, set up once.
struct LoadedModel {
    let file: FilePath
    let card: ModelCard
    let hasCard: Bool
    let network: Network
    let plan: NetworkPlan

    /// - Parameter layers: dotted paths; empty takes the card's, else the automatic one.
    /// - Throws: `Failure` that says in one sentence what is wrong with file, card or layer.
    init(file: FilePath, layers: [String], threads: Int) async throws(Failure) {
        ctorch_set_threads(Int32(threads))
        copencv_set_threads(1)
        let cardFile = ModelCard.path(besides: file)
        hasCard = access(cardFile.string, F_OK) == 0
        do {
            card = hasCard ? try await ModelCard(contentsOf: cardFile) : .assumed
        } catch {
            throw Failure(.cardInvalid, "\(error)")
        }
        network = try Network(
            contentsOf: file, input: [1, card.channels, card.inputHeight, card.inputWidth])
        plan = try NetworkPlan(network, layers: layers.isEmpty ? card.targetLayers : layers)
        self.file = file
        try checkCard()
    }

    var channels: Int { network.input[1] }
    var inputWidth: Int { network.input[3] }
    var inputHeight: Int { network.input[2] }

    /// Elements of the output that are classes.
    var outputs: Int { network.output.dropFirst().reduce(1, *) }

    /// One value for each channel.
    func perChannel(_ values: [Double]) -> [Float] {
        if values.count == channels { return values.map { Float($0) } }
        let mean = values.reduce(0, +) / Double(values.count)
        return Array(repeating: Float(mean), count: channels)
    }

    private func checkCard() throws(Failure) {
        guard channels == 1 || channels == 3 else {
            throw Failure(
                .modelUnsupported, "The network takes \(channels) channels; pictures have 3, or 1 in grey.",
                remedy: "Explain tensors with gradcam explain --tensor.")
        }
        let expected = outputs == 1 ? [0, 1, 2] : [0, outputs]
        guard expected.contains(card.labels.count) else {
            throw Failure(
                .cardInvalid,
                "The card has \(card.labels.count) labels, and the network \(outputs) outputs.",
                remedy: outputs == 1
                    ? "List the negative class, then the positive one."
                    : "List one label for each output, in its order.")
        }
    }

    func description(withLayers: Bool) -> ModelDescription {
        ModelDescription(
            name: card.name.isEmpty ? file.stem ?? file.string : card.name, task: card.task.rawValue,
            input: network.input, output: network.output, activation: network.activation.name,
            logitsFound: network.logitsFound, labels: card.labels, targets: plan.targets,
            reason: reason, layers: withLayers ? network.layers : [], hasCard: hasCard,
            license: card.license.isEmpty ? nil : card.license, libtorch: String(cString: ctorch_version()),
            openCV: String(cString: copencv_version()), cpuCapability: String(cString: ctorch_cpu_capability()),
            threads: Int(ctorch_threads()))
    }

    private var reason: String {
        let chosen = plan.targets.map(\.path)
        if chosen == card.targetLayers { return "The model card names it." }
        return network.layerReason
    }
}

extension CTorchActivation {
    var name: String {
        switch self {
        case .none: "none"
        case .softmax: "softmax"
        case .logSoftmax: "log_softmax"
        case .sigmoid: "sigmoid"
        }
    }
}
