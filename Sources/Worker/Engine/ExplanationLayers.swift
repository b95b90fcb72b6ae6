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
        // A map that weighs whole channels says the same at any distance from the row; one that weighs cells needs
        // more than the single one that a pointwise head reads.
        let layers = levels.map { method.weighsWholeChannels ? $0.headInput : $0.context }
        return layers.map(\.path)
    }

    /// Whether a row is explained at the layer of its own level alone.
    ///
    /// At the layers of coarser levels a row's gradient is zero; at finer ones that of the way down, whose mean tells
    /// little of the row.
    func areLevels(for method: SaliencyMethod) -> Bool {
        named.isEmpty && !levels.isEmpty && method.weighsWholeChannels
    }
}
