import ArgumentParser
import Core
import SystemPackage

@main
struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gradcam-worker",
        abstract: "Loads one TorchScript model and explains one image for each line of JSON on its standard input.",
        discussion: """
            The part of gradcamd that may crash. By hand:
              echo '{"image":"cat.jpg","overlays":["cat.cam.jpg"]}' | gradcam-worker --model model.torchscript

            The first line that it prints says that the model is ready, or why it is of no use; then it prints one \
            line for each request. It ends when its input does. gradcam-worker(1) describes the messages.
            """,
        version: Version.current)

    @Option(help: ArgumentHelp("The TorchScript file; its card is NAME.yaml beside it.", valueName: "file"))
    var model: String

    @Option(help: ArgumentHelp("Explain at this layer; repeat for several.", valueName: "dotted.path"))
    var layer: [String] = []

    @Option(help: "Threads inside one operation of libtorch.")
    var threads: Int = 1

    @Option(help: "Larger files are refused.")
    var maxFileBytes: Int = ImageLimits.defaultMaxFileBytes

    @Option(help: "Pictures with more pixels are refused.")
    var maxPixels: Int = ImageLimits.defaultMaxPixels

    @Option(help: "Pictures with a longer side are refused.")
    var maxSide: Int = ImageLimits.defaultMaxSide

    func validate() throws {
        guard (1...256).contains(threads) else { throw ValidationError("--threads must be from 1 to 256.") }
    }

    func run() async throws {
        let output = MessageOutput()
        do throws(Failure) {
            let model = try await LoadedModel(file: FilePath(model), layers: layer, threads: threads)
            try output.write(WorkerResponse(id: "", .ready(model.description(withLayers: false))))
            let limits = ImageLimits(maxFileBytes: maxFileBytes, maxPixels: maxPixels, maxSide: maxSide)
            try Session(explainer: ImageExplainer(model: model, limits: limits), output: output).run()
        } catch {
            try output.write(WorkerResponse(id: "", .failed(error)))
            throw ExitCode(error.exitStatus)
        }
    }
}
