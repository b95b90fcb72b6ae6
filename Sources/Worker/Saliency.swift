import Core

/// Makes the heat map of one class at the plan's layers, and its numbers.
struct Saliency {
    struct Result {
        /// Before ReLU, on the layer's own grid; of several layers fused, on the finest one's.
        let raw: HeatMap
        /// 0...1 on the network's input without its padding; all zeros where nothing speaks for the class.
        let shown: HeatMap
        let heat: Heat
    }

    private let model: LoadedModel
    private let pass: ForwardPass
    private let placement: Placement
    private let method: SaliencyMethod
    /// What a person should know about these maps.
    let notes: [String]

    init(model: LoadedModel, pass: ForwardPass, placement: Placement, method: SaliencyMethod) {
        self.model = model
        self.pass = pass
        self.placement = placement
        let blocked = !model.plan.targets.contains(where: \.gradientFlows)
        self.method = blocked ? .eigenCAM : method
        var notes: [String] = []
        if blocked && method != .eigenCAM {
            notes.append(
                "No gradient reaches \(model.plan.targets.map(\.path).joined(separator: ", ")): the map is eigencam's, "
                    + "which shows what the layer responds to and not what speaks for the class.")
        } else if !model.network.logitsFound && method != .eigenCAM {
            notes.append("The logits cannot be reached in this network: the map explains its output.")
        }
        self.notes = notes
    }

    func explain(_ candidate: Classification.Candidate) throws(Failure) -> Result {
        var maps: [HeatMap] = []
        for layer in model.plan.targets.indices {
            maps.append(try pass.explain(candidate.target, layer: layer, method: method))
        }
        let raw = fused(maps)
        let statistics = statistics(of: maps, fused: raw)
        let shown = raw.rectified.withoutPadding(placement).normalized
        let heat = Heat(
            method: method, layers: model.plan.targets.map(\.path), target: target, saturated: candidate.saturated,
            gridWidth: shown.width, gridHeight: shown.height, statistics: statistics)
        return Result(raw: raw, shown: shown, heat: heat)
    }

    /// A fused map is normalised: its strength is that of its layers, the strongest of each.
    private func statistics(of maps: [HeatMap], fused raw: HeatMap) -> HeatStatistics {
        var statistics = HeatStatistics(raw: raw, placement: placement).inPicture(of: placement)
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
    private var target: String {
        if method == .eigenCAM { return "none" }
        if model.network.logitsFound { return "logit" }
        return model.network.activation.name == "sigmoid" ? "log_odds" : "log_probability"
    }
}
