import ArgumentParser
import Core
import SystemPackage

/// Which model, and where it is explained.
struct ModelOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The TorchScript file. Default: model.file of \(Instance.plain.settingsFile).", valueName: "file"),
        completion: .file(extensions: ["torchscript", "pt"]))
    var model: String?

    @Option(
        help: ArgumentHelp(
            "Explain at this layer; repeat for several. Default: the card's, else the automatic one.",
            valueName: "dotted.path"))
    var layer: [String] = []

    @Option(help: "How convolutions are computed; bfloat16 is faster and less exact.")
    var precision: Precision = .float32

    @Option(help: "Threads inside one operation of libtorch.")
    var threads: Int = 1

    func validate() throws {
        guard (1...256).contains(threads) else { throw ValidationError("--threads must be from 1 to 256.") }
    }

    /// A worker with the network loaded.
    func startWorker() async throws -> WorkerProcess {
        let file: FilePath
        if let model {
            file = FilePath(model)
        } else {
            file = try await Settings(file: Instance.plain.settingsFile).model.file
        }
        return try await WorkerProcess.start(
            WorkerLaunch(
                executable: try WorkerLaunch.findExecutable(), model: file, layers: layer, precision: precision,
                threads: threads, deadline: .seconds(3600)))
    }
}

extension Precision: ExpressibleByArgument {}
extension SaliencyMethod: ExpressibleByArgument {}
extension OverlayOptions.Style: ExpressibleByArgument {}
extension OverlayOptions.ColorMap: ExpressibleByArgument {}
