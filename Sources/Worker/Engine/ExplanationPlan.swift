import Core

/// A network cut where a method explains, ready to run.
struct ExplanationPlan {
    let network: NetworkPlan
    /// The plan's layers that are explained.
    let explained: Range<Int>
    /// A row is explained at the layer of its own level alone; there is one for each level, the finest first.
    let atOwnLevel: Bool
    /// The plan's layers that are inputs of the head, the finest first: where they tell a row's level. Else empty.
    let headInputs: [Int]

    /// - Parameter rowsTellLevels: the place of a row in the output says which level it comes from.
    init(
        _ network: Network, _ layers: ExplanationLayers, method: SaliencyMethod, rowsTellLevels: Bool
    ) throws(Failure) {
        var paths = layers.paths(for: method)
        atOwnLevel = layers.areLevels(for: method)
        let count = paths.count
        let telling = atOwnLevel && !rowsTellLevels ? layers.headInputs : []
        for path in telling where !paths.contains(path) { paths.append(path) }
        self.network = try NetworkPlan(network, layers: paths)
        // Without any path the network has chosen its layer.
        explained = 0..<max(count, 1)
        headInputs = telling.compactMap { paths.firstIndex(of: $0) }
    }

    var targets: ArraySlice<ModelDescription.Target> { network.targets[explained] }
}
