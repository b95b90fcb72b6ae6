import Core

/// Makes the heat map of one candidate at the plan's layers, and its numbers.
struct Saliency {
    struct Result {
        /// Before ReLU, on the layer's own grid; of several layers fused, on the finest one's.
        let raw: HeatMap
        /// 0...1 on the network's input without its padding; all zeros where nothing speaks for the candidate.
        let shown: HeatMap
        let heat: Heat
    }

    private let model: LoadedModel
    private let plan: ExplanationPlan
    private let pass: ForwardPass
    private let placement: Placement
    private let method: SaliencyMethod
    private let target: DetectionTarget
    /// What a person should know about these maps.
    let notes: [String]

    /// - Parameter pass: through the plan of `method`.
    init(
        model: LoadedModel, pass: ForwardPass, placement: Placement, method: SaliencyMethod, target: DetectionTarget
    ) throws(Failure) {
        self.model = model
        self.pass = pass
        self.placement = placement
        self.target = target
        plan = try model.plan(for: method)
        let blocked = !plan.targets.contains(where: \.gradientFlows)
        self.method = blocked ? .eigenCAM : method
        var notes: [String] = []
        if blocked && method != .eigenCAM {
            let layers = plan.targets.map(\.path).joined(separator: ", ")
            notes.append(
                model.detector == nil
                    ? "No gradient reaches \(layers): the map is eigencam's, which shows what the layer responds to and "
                        + "not what speaks for the class."
                    : "This export blocks gradients (none reaches \(layers)): the map is eigencam's, which shows what "
                        + "the layers respond to and not what speaks for a box. Export again with a current "
                        + "ultralytics, or with end2end=False."
            )
        } else if !model.network.logitsFound && method != .eigenCAM {
            notes.append("The logits cannot be reached in this network: the map explains its output.")
        }
        self.notes = notes
    }

    /// - Parameter others: the other candidates' boxes, in pixels of the picture.
    func explain(_ candidate: Candidate, others: [Box]) throws(Failure) -> Result {
        let (maps, layers) = try maps(of: candidate)
        let raw = fused(maps)
        let counted = statistics(of: maps, fused: raw)
        let shown = raw.rectified.withoutPadding(placement).normalized
        let inBox = candidate.object.map { object in
            HeatInBox(
                shown: shown, hotBox: counted.hotBox, box: placement.boxInShownInput(object.box),
                others: others.map(placement.boxInShownInput))
        }
        let heat = Heat(
            method: method, layers: layers, target: targetName, saturated: candidate.saturated,
            gridWidth: shown.width, gridHeight: shown.height, statistics: counted.inPicture(of: placement),
            inBox: inBox)
        return Result(raw: raw, shown: shown, heat: heat)
    }

    private func maps(of candidate: Candidate) throws(Failure) -> (maps: [HeatMap], layers: [String]) {
        var layers = Array(plan.explained)
        if plan.atOwnLevel, let object = candidate.object {
            if let level = object.level {
                layers = [level]
            } else if method != .eigenCAM {
                layers = [try level(of: candidate)]
            }
        }
        var maps: [HeatMap] = []
        for layer in layers { maps.append(try map(of: candidate, at: layer)) }
        return (maps, layers.map { plan.targets[$0].path })
    }

    /// Of rows that the network has sorted itself: a row depends on the inputs of its own level's head and of finer ones.
    private func level(of candidate: Candidate) throws(Failure) -> Int {
        for level in plan.headInputs.indices.dropFirst().reversed() {
            let map = try pass.explain(candidate.target, layer: plan.headInputs[level], method: .hiResCAM)
            if map.values.contains(where: { $0 != 0 }) { return level }
        }
        return 0
    }

    private func map(of candidate: Candidate, at layer: Int) throws(Failure) -> HeatMap {
        try pass.explain(candidate.target, layer: layer, method: method)
    }

    /// A fused map is normalised: its strength is that of its layers, the strongest of each.
    private func statistics(of maps: [HeatMap], fused raw: HeatMap) -> HeatStatistics {
        var statistics = HeatStatistics(raw: raw, placement: placement)
        guard maps.count > 1 else { return statistics }
        let layers = maps.map { HeatStatistics(of: $0) }
        statistics.rawMax = layers.compactMap(\.rawMax).max()
        statistics.rawMin = layers.compactMap(\.rawMin).min()
        statistics.rawSum = nil
        statistics.nonfinite = layers.contains(where: \.nonfinite)
        return statistics
    }

    private func fused(_ maps: [HeatMap]) -> HeatMap {
        guard maps.count > 1 else { return maps[0] }
        return HeatMap.fused(
            maps, width: maps.map(\.width).max() ?? 1, height: maps.map(\.height).max() ?? 1)
    }

    /// What was differentiated; see `ctorch_model_logits_found`.
    private var targetName: String {
        if method == .eigenCAM { return "none" }
        if model.detector?.layout.family == .yolov5 { return target.rawValue }
        if model.network.logitsFound { return "logit" }
        return model.network.activation.name == "sigmoid" ? "log_odds" : "log_probability"
    }
}
