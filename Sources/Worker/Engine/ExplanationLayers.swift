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
            switch method {
            // As the notebook does it.
            case .gradCAM, .gradCAMPlusPlus, .xGradCAM, .eigenCAM: level.headInput.path
            // As Ultralytics does it; of a pointwise head's input a single cell would be left.
            case .layerCAM: level.isPointwise ? level.context.path : level.headInput.path
            // Closer to the head they show more of what the row can see and less of what was learned: measured in
            // Benchmarks/DETECTORS.md.
            case .hiResCAM, .localGradCAM: level.context.path
            }
        }
    }

    /// Whether a row is explained at the layer of its own level alone, and not at those of all levels.
    func areLevels(for method: SaliencyMethod) -> Bool { named.isEmpty && !levels.isEmpty && method != .layerCAM }

    /// At these layers a row has a gradient where its own level is the same or a coarser one: that tells its level.
    var headInputs: [String] { levels.map(\.headInput.path) }
}
