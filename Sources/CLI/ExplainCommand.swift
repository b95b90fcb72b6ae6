import ArgumentParser
import Core
import SystemPackage

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Explain pictures: what the model takes them for, and where the evidence lies.",
        discussion: """
            Writes an overlay for each picture (cat.jpg -> cat.cam.jpg in this folder) and prints the predictions.

              gradcam explain *.jpg -m model.torchscript --output overlays/
              gradcam explain cat.jpg -m model.torchscript --target "Egyptian cat" --method layercam
              gradcam explain street.jpg -m yolo.torchscript --confidence 0.4 --objects separate
              gradcam explain --tensor x.npy -m model.torchscript --save-heatmap map.npy --json
            """)

    @Argument(help: "JPEG, PNG, WebP, TIFF or BMP.", completion: .file())
    var images: [String] = []

    @OptionGroup(title: "Model") var model: ModelOptions

    @Option(
        help: ArgumentHelp(
            "Explain a float32 N,C,H,W tensor (N = 1) as it is, instead of a picture.", valueName: "x.npy"),
        completion: .file(extensions: ["npy"]))
    var tensor: String?

    @Option(
        help: ArgumentHelp(
            "Explain this class (of a detector its objects), a label or an index from 0; repeatable.",
            valueName: "class"))
    var target: [String] = []

    @Option(help: "Of a classifier: explain the most probable classes, so many.")
    var top: Int = 1

    @Option(
        help: ArgumentHelp(
            "How gradients and activations become a map. Default: gradcam, of a detector local-gradcam.",
            valueName: "name"))
    var method: SaliencyMethod?

    @OptionGroup(title: "Detectors") var detections: DetectionOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The overlay's file (.jpg or .png), or a folder for several.", valueName: "path"),
        completion: .file())
    var output: String?

    @Option(
        help: ArgumentHelp(
            "Also write the raw map of the layer's own grid: float32, before ReLU, not normalised.",
            valueName: "file.npy"))
    var saveHeatmap: String?

    @Option(help: "blend: alpha is opacity times heat. parity: opacity times colour, added, as in the notebook.")
    var style: OverlayOptions.Style = .blend

    @Option(help: "The colours of the heat.")
    var colorMap: OverlayOptions.ColorMap = .jet

    @Option(help: "0 to 1. Default: 0.6 for blend, 0.4 for parity.")
    var opacity: Double?

    @Flag(inversion: .prefixedNo, help: "Label, score and method at the lower edge.")
    var caption = true

    @Flag(help: "The colours' scale at the right edge.")
    var colorBar = false

    @Flag(help: "Overwrite files that are there.")
    var force = false

    @Flag(help: "One JSON object a line for each picture, as the worker answered.")
    var json = false

    func validate() throws {
        if images.isEmpty == (tensor == nil) { throw ValidationError("Name pictures, or give --tensor.") }
        guard (1...Claim.maximumExplained).contains(top) else {
            throw ValidationError("--top must be from 1 to \(Claim.maximumExplained).")
        }
        guard (0...1).contains(opacity ?? 0) else { throw ValidationError("--opacity must be from 0 to 1.") }
        if images.count > 1, saveHeatmap != nil { throw ValidationError("--save-heatmap takes one picture.") }
    }

    func run() async throws {
        let placement = OutputPlacement(output: output, inputs: images.count, overwrites: force)
        try placement.check(heatMap: saveHeatmap.map { FilePath($0) })
        var worker = try await model.startWorker()
        let bar = ProgressBar(total: images.count, isShown: images.count > 1 && !json)
        var failures: [Failure] = []
        for (index, input) in ([tensor].compactMap { $0 } + images).enumerated() {
            bar.show(index, FilePath(input).lastComponent?.string ?? input)
            do throws(Failure) {
                let explanation = try await explain(FilePath(input), placement, worker)
                bar.clear()
                print(explanation, input)
            } catch {
                bar.clear()
                StandardError.write("gradcam: \(input.readable): \(error)\n")
                failures.append(error)
                if error.endsWorker {
                    await worker.stop()
                    worker = try await model.startWorker()
                }
            }
        }
        await worker.stop()
        if let failure = failures.first { throw ExitCode(images.count > 1 ? 1 : failure.exitStatus) }
    }

    private func explain(
        _ input: FilePath, _ placement: OutputPlacement, _ worker: WorkerProcess
    ) async throws(Failure) -> Explanation {
        var request = WorkerRequest()
        request.id = input.string
        request.targets = target
        request.top = target.isEmpty ? top : target.count
        request.detections = detections.settings
        request.row = detections.row
        request.method = method
        request.overlay = overlayOptions
        // The worker follows no links; a person may.
        let subject = RawPath(input.resolved)
        if tensor == nil { request.image = subject } else { request.tensor = subject }
        let isDetector = worker.model.detector != nil
        let explained = isDetector ? detections.row == nil ? detections.explained : 1 : request.top
        let outputs = try placement.files(
            for: tensor == nil ? input : nil,
            overlays: isDetector ? request.overlay.fileCount(explained: explained) : explained,
            heatMaps: explained, heatMap: saveHeatmap.map { FilePath($0) })
        request.overlay.format = outputs.format
        request.overlays = outputs.temporaryOverlays.map { RawPath($0) }
        request.heatMaps = outputs.temporaryHeatMaps.map { RawPath($0) }
        switch await worker.answer(to: request) {
        case .explained(var explanation):
            explanation.overlays = try outputs.publishOverlays(explanation.overlays.count).map { RawPath($0) }
            explanation.heatMaps = try outputs.publishHeatMaps(explanation.heatMaps.count).map { RawPath($0) }
            return explanation
        case .failed(let failure):
            outputs.discard()
            throw failure
        case .ready, .inspected:
            throw Failure(.internal, "The worker answered another question.")
        }
    }

    private var overlayOptions: OverlayOptions {
        var options = OverlayOptions()
        options.style = style
        options.colorMap = colorMap
        options.opacity = opacity ?? (style == .parity ? 0.4 : options.opacity)
        options.caption = caption
        options.colorBar = colorBar
        options.objects = detections.objects
        return options
    }

    private func print(_ explanation: Explanation, _ input: String) {
        if json, let line = try? MessageCoding.line(WorkerResponse(id: input, .explained(explanation))) {
            Swift.print(line, terminator: "")
        } else {
            Swift.print(ExplanationText.text(of: explanation, input: input))
        }
    }
}
