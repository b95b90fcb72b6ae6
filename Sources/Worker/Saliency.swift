import Core

/// Makes the heat map of one candidate at the plan's layers, and its numbers.
struct Saliency {
    struct Result {
        /// Before ReLU, on the layer's own grid; of several layers fused, on the finest one's.
        let raw: HeatMap
        /// 0...1 on the network's input without its padding; all zeros where nothing speaks for the candidate.
        let shown: WarmHeat
        let heat: Heat
        /// Index of the pyramid's level that the candidate comes from; `nil` where no gradient tells.
        let level: Int?
    }

    private let model: LoadedModel
    private let plan: ExplanationPlan
    private let pass: ForwardPass
    private let placement: Placement
    private let method: SaliencyMethod
    private let target: DetectionTarget

    /// - Parameter pass: through the plan of `method`.
    init(
        model: LoadedModel, pass: ForwardPass, placement: Placement, method: SaliencyMethod, target: DetectionTarget
    ) throws(Failure) {
        self.model = model
        self.pass = pass
        self.placement = placement
        self.method = method
        self.target = target
        plan = try model.plan(for: method)
    }

    /// What a person should know about these maps.
    func notes(on results: [Result]) -> [String] {
        if results.contains(where: { $0.heat.method != method }) {
            let layers = plan.targets.map(\.path).joined(separator: ", ")
            return [
                model.detector == nil
                    ? "No gradient reaches \(layers): the map is eigencam's, which shows what the layer responds to and "
                        + "not what speaks for the class."
                    : "This export blocks gradients (on the way to \(layers)): maps are eigencam's, which shows what "
                        + "layers respond to and not what speaks for a box. Export again with a current ultralytics, or "
                        + "with end2end=False."
            ]
        }
        if !model.network.logitsFound && method != .eigenCAM {
            return ["The logits cannot be reached in this network: the map explains its output."]
        }
        return []
    }

    /// Says which candidates will be explained: what they share is then computed once.
    func prepare(for candidates: some Collection<Candidate>) throws(Failure) {
        if method != .eigenCAM { try pass.differentiate(candidates.map(\.target)) }
    }

    /// What the network says of a candidate: a map at each of its layers, before ReLU.
    struct LayerMaps {
        fileprivate let way: Way
        fileprivate let maps: [HeatMap]
    }

    func maps(of candidate: Candidate) throws(Failure) -> LayerMaps {
        let way = try way(to: candidate)
        var maps: [HeatMap] = []
        for layer in way.layers { maps.append(try pass.explain(candidate.target, layer: layer, method: way.method)) }
        return LayerMaps(way: way, maps: maps)
    }

    /// - Parameter others: the other candidates' boxes, in pixels of the picture.
    func result(of candidate: Candidate, _ layerMaps: LayerMaps, others: [Box]) -> Result {
        let way = layerMaps.way
        let raw = fused(layerMaps.maps)
        let shown = ShownHeat(raw: raw, placement: placement)
        let counted = statistics(of: layerMaps.maps, fused: raw, shown)
        let inBox = candidate.object.map { object in
            HeatInBox(
                shown: shown.heat, hotBox: counted.hotBox, box: placement.boxInShownInput(object.box),
                others: others.map(placement.boxInShownInput))
        }
        let heat = Heat(
            method: way.method, layers: way.layers.map { plan.network.targets[$0].path },
            target: name(ofTarget: way.method), saturated: candidate.saturated, gridWidth: shown.map.width,
            gridHeight: shown.map.height, statistics: counted.inPicture(of: placement), inBox: inBox)
        return Result(raw: raw, shown: shown.heat, heat: heat, level: way.level)
    }

    /// How a candidate is explained: where, and whether by gradients.
    fileprivate struct Way {
        var method: SaliencyMethod
        /// Of the plan.
        var layers: [Int]
        var level: Int?
    }

    private func way(to candidate: Candidate) throws(Failure) -> Way {
        let level = candidate.object == nil ? nil : try level(of: candidate)
        var way = Way(method: method, layers: Array(plan.explained), level: level)
        if plan.atOwnLevel, let level { way.layers = [plan.explained[level]] }
        // Without a level and with blocked ones the candidate comes from one of those.
        let isBlocked =
            !way.layers.contains(where: gradientFlows)
            || (level == nil && !plan.headInputs.allSatisfy(gradientFlows))
        if isBlocked { way.method = .eigenCAM }
        return way
    }

    /// A row depends on the inputs of its own level's head and of finer ones, whatever the order of rows.
    private func level(of candidate: Candidate) throws(Failure) -> Int? {
        for level in plan.headInputs.indices.reversed() where gradientFlows(plan.headInputs[level]) {
            let map = try pass.explain(candidate.target, layer: plan.headInputs[level], method: .hiResCAM)
            if map.values.contains(where: { $0 != 0 }) { return level }
        }
        return nil
    }

    private func gradientFlows(_ layer: Int) -> Bool { plan.network.targets[layer].gradientFlows }

    /// A fused map is normalised: its strength is that of its layers, the strongest of each.
    private func statistics(of maps: [HeatMap], fused raw: HeatMap, _ shown: ShownHeat) -> HeatStatistics {
        var statistics = HeatStatistics(raw: raw, shown: shown)
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
    private func name(ofTarget method: SaliencyMethod) -> String {
        if method == .eigenCAM { return "none" }
        if model.detector?.layout.family == .yolov5 { return target.rawValue }
        if model.network.logitsFound { return "logit" }
        return model.network.activation.name == "sigmoid" ? "log_odds" : "log_probability"
    }
}
