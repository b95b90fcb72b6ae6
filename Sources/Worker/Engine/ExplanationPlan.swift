import Core

/// A network cut where a method explains, ready to run.
struct ExplanationPlan {
    let network: NetworkPlan
    /// The plan's layers that are explained.
    let explained: Range<Int>
    /// A row is explained at the layer of its own level alone; there is one for each level, the finest first.
    let atOwnLevel: Bool
    /// The plan's layers that are inputs of the head, the finest first: their gradients tell a row's level.
    let headInputs: [Int]

    init(
        _ network: Network, _ layers: ExplanationLayers, method: SaliencyMethod, precision: Precision
    ) throws(Failure) {
        var paths = layers.paths(for: method)
        atOwnLevel = layers.areLevels(for: method)
        let count = paths.count
        for path in layers.headInputs where !paths.contains(path) { paths.append(path) }
        self.network = try NetworkPlan(network, layers: paths, precision: precision)
        // Without any path the network has chosen its layer.
        explained = 0..<max(count, 1)
        headInputs = layers.headInputs.compactMap { paths.firstIndex(of: $0) }
    }

    var targets: ArraySlice<ModelDescription.Target> { network.targets[explained] }
}
