import ArgumentParser
import Core
import SystemPackage

struct InspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what a TorchScript file is: task, input, labels, layers, and where it would be explained.")

    @Argument(help: "The TorchScript file.", completion: .file(extensions: ["torchscript", "pt"]))
    var model: String

    @Option(help: ArgumentHelp("Plan for this layer instead; repeatable.", valueName: "dotted.path"))
    var layer: [String] = []

    @Option(help: "How convolutions are computed; bfloat16 is faster and less exact.")
    var precision: Precision = .float32

    @Flag(help: "All layers, also those that the output does not depend on.")
    var all = false

    @Flag(help: "As JSON.")
    var json = false

    func run() async throws {
        let worker = try await WorkerProcess.start(
            WorkerLaunch(
                executable: try WorkerLaunch.findExecutable(), model: FilePath(model), layers: layer,
                precision: precision))
        var request = WorkerRequest()
        request.action = .inspect
        let answer = await worker.answer(to: request)
        await worker.stop()
        switch answer {
        case .inspected(let description):
            print(json ? try MessageCoding.line(description) : text(of: description), terminator: "")
        case .failed(let failure): throw failure
        case .ready, .explained: throw Failure(.internal, "The worker answered another question.")
        }
    }

    private func text(of model: ModelDescription) -> String {
        let shape: ([Int]) -> String = { $0.map(String.init).joined(separator: "x") }
        let labels = model.labels.prefix(4).joined(separator: ", ") + (model.labels.count > 4 ? ", …" : "")
        var lines = [
            "name        \(model.name)",
            "task        \(model.task)",
            "input       \(shape(model.input)) (N x C x H x W)",
            "output      \(shape(model.output))",
            "labels      \(model.labels.isEmpty ? "none: classes are numbered" : "\(model.labels.count): \(labels)")",
            "card        \(card(of: model))",
            "activation  \(activation(of: model))",
        ]
        if let detector = model.detector { lines += text(of: detector) }
        if let license = model.license { lines.append("license     \(license)") }
        lines.append("libtorch    \(model.libtorch), \(model.cpuCapability), \(model.precision.rawValue)")
        for target in model.targets {
            let gradient = target.gradientFlows ? "gradients flow" : "no gradient: only eigencam works"
            lines.append("target      \(target.path)  \(shape(target.shape))  \(gradient)")
        }
        lines.append("method      \(model.method.rawValue)")
        lines.append("why         \(model.reason)")
        lines.append("")
        let targets = Set(model.targets.map(\.path))
        let layers = model.layers.filter { all || $0.onPath }
        var table = TextTable(columns: ["", "layer", "operation", "shape"])
        for layer in layers {
            table.append([targets.contains(layer.path) ? "*" : "", layer.path, layer.operation, shape(layer.shape)])
        }
        return lines.joined(separator: "\n").readableLines + "\n" + table.text
    }

    private func card(of model: ModelDescription) -> String {
        if model.hasCard { return "found" }
        return model.preprocessingIsGuessed
            ? "none: preprocessing and labels are guesses" : "none: what the exporter wrote into the file is taken"
    }

    private func text(of detector: DetectorDescription) -> [String] {
        let anchors = detector.anchorsPerCell > 1 ? " of \(detector.anchorsPerCell) anchors a cell" : ""
        let classes = detector.classes > 0 ? ", \(detector.classes) classes" : ""
        var lines = ["family      \(detector.family.rawValue): \(detector.rows) rows\(anchors)\(classes)"]
        for level in detector.levels {
            let head = level.headInput.map { ", head input \($0)" } ?? ""
            lines.append(
                "level       stride \(level.stride): \(level.width)x\(level.height) cells, \(level.rows) rows\(head)")
        }
        if detector.inputIsDynamic { lines.append("letterbox   dynamic: padded to the next multiple of the stride") }
        if detector.ignoredAttributes > 0 {
            let task = detector.exportedTask.map { " (\($0.rawValue))" } ?? ""
            lines.append(
                "ignored     \(detector.ignoredAttributes) numbers behind the classes\(task): boxes and classes are explained"
            )
        }
        return lines
    }

    private func activation(of model: ModelDescription) -> String {
        guard model.activation != "none" else { return "none at the end: the output is taken for logits" }
        return model.logitsFound
            ? "\(model.activation) at the end; the value before it is explained"
            : "\(model.activation), but the value before it cannot be reached: the output is explained"
    }
}
