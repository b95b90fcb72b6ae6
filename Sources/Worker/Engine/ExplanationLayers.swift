import Core

/// At which layers a method explains.
struct ExplanationLayers {
    /// Those that a person named, on the command line before the card: for every method.
    private let named: [String]
    /// Of a detector's pyramid, the finest first; empty for a classifier.
    private let levels: [PyramidLayers]

    init(chosen: [String], ofCard: [String], levels: [PyramidLayers]) {
        named = chosen.isEmpty ? ofCard : chosen
        self.levels = levels
    }

    /// Empty: the network's automatic layer.
    func paths(for method: SaliencyMethod) -> [String] {
        if !named.isEmpty { return named }
        return levels.map { level in
            switch place(for: method) {
            case .headInput: level.headInput.path
            case .context: level.context.path
            case .stage: level.stage.path
            }
        }
    }

    /// Whether a row is explained at the layer of its own level alone, and not at all of them.
    func areLevels(for method: SaliencyMethod) -> Bool {
        named.isEmpty && !levels.isEmpty && place(for: method) != .context
    }

    /// At these layers a row has a gradient where its own level is the same or a coarser one: that tells its level where
    /// the output does not.
    var headInputs: [String] { levels.map(\.headInput.path) }

    private enum Place { case headInput, context, stage }

    /// By what `Benchmarks/RESULTS.md` measures on detectors.
    private func place(for method: SaliencyMethod) -> Place {
        switch method {
        // At the head's input, as the notebook: a map that weighs whole channels says least elsewhere.
        case .gradCAM, .gradCAMPlusPlus, .xGradCAM, .eigenCAM: .headInput
        // As Ultralytics fuses it; before a pointwise head, where its input would leave one cell.
        case .layerCAM: .context
        // Closer to the head a map of cells is the row's receptive field, whatever the network has learned.
        case .hiResCAM: .stage
        }
    }
}
