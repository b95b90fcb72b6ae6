import COpenCV
import CTorch
import Core
import SystemPackage

extension LoadedModel {
    func description(withLayers: Bool) -> ModelDescription {
        let targets = (try? plan(for: defaultMethod)).map { Array($0.targets) } ?? []
        return ModelDescription(
            name: card.name.isEmpty ? file.stem ?? file.string : card.name, task: task.rawValue,
            input: network.input, output: network.output, activation: network.activation.name,
            logitsFound: network.logitsFound, labels: labels, method: defaultMethod, targets: targets,
            reason: reason(targets), detector: detectorDescription, layers: withLayers ? network.layers : [],
            hasCard: hasCard, license: card.license.isEmpty ? nil : card.license,
            libtorch: String(cString: ctorch_version()), openCV: String(cString: copencv_version()),
            cpuCapability: String(cString: ctorch_cpu_capability()) + (usesOneDNN ? "" : " without oneDNN"),
            precision: precision, threads: Int(ctorch_threads()))
    }

    private func reason(_ targets: [ModelDescription.Target]) -> String {
        if targets.map(\.path) == card.targetLayers { return "The model card names it." }
        guard detector != nil, !network.levels.isEmpty else { return network.layerReason }
        return
            "These are the inputs of the last block before the head, one a level. A box is explained at its own level's."
    }

    private var detectorDescription: DetectorDescription? {
        guard let layout = detector?.layout else { return nil }
        let headInputs = network.levels.map(\.headInput.path)
        return DetectorDescription(
            family: layout.family, exportedTask: metadata?.task, rows: layout.rows, classes: layout.classes,
            anchorsPerCell: layout.anchorsPerCell, ignoredAttributes: layout.ignoredAttributes,
            inputIsDynamic: inputIsDynamic,
            levels: layout.levels.enumerated().map { index, level in
                DetectorDescription.Level(
                    stride: level.stride, width: level.width, height: level.height, rows: level.rows.count,
                    headInput: index < headInputs.count ? headInputs[index] : nil)
            })
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
