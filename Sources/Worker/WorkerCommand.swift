import ArgumentParser
import CLinux
import Core
import Glibc
import SystemPackage

@main
struct WorkerCommand: ParsableCommand {
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
    var model: String?

    @Flag(help: "Load no model: make pictures small, one for each line of JSON.")
    var thumbnails = false

    @Option(help: ArgumentHelp("Explain at this layer; repeat for several.", valueName: "dotted.path"))
    var layer: [String] = []

    @Option(help: "How convolutions are computed; bfloat16 needs avx512_bf16 or amx_bf16.")
    var precision: Precision = .float32

    @Option(help: "Threads inside one operation of libtorch.")
    var threads: Int = 1

    @Option(help: "Larger files are refused.")
    var maxFileBytes: Int = ImageLimits.defaultMaxFileBytes

    @Option(help: "Pictures with more pixels are refused.")
    var maxPixels: Int = ImageLimits.defaultMaxPixels

    @Option(help: "Pictures with a longer side are refused.")
    var maxSide: Int = ImageLimits.defaultMaxSide

    @Option(help: "Pictures whose longer side is more times the shorter one are refused.")
    var maxAspect: Int = ImageLimits.defaultMaxAspect

    @Option(help: "Where decoding a picture takes longer, the worker says so and ends.")
    var decodeSeconds: Double = ImageLimits.defaultDecodeSeconds

    @Option(help: "Address space of the process; 0 for all there is.")
    var maxMemoryBytes: Int = ImageLimits.defaultWorkerMemoryBytes

    func validate() throws {
        guard thumbnails == (model == nil) else { throw ValidationError("Give --model, or --thumbnails.") }
        guard (1...256).contains(threads) else { throw ValidationError("--threads must be from 1 to 256.") }
        guard (0.001...86_400).contains(decodeSeconds) else {
            throw ValidationError("--decode-seconds must be from 0.001 to 86400.")
        }
        guard maxMemoryBytes >= 0 else { throw ValidationError("--max-memory-bytes must not be negative.") }
    }

    func run() throws {
        let output = MessageOutput()
        do throws(Failure) {
            let watchdog = try Watchdog(output: output)
            try limitMemory()
            guard let file = self.model else {
                return try ThumbnailSession(limits: limits, watchdog: watchdog, output: output).run()
            }
            let model = try LoadedModel(
                file: FilePath(file), layers: layer, precision: precision, threads: threads)
            try output.write(WorkerResponse(id: "", .ready(model.description(withLayers: false))))
            let explainer = ImageExplainer(model: model, limits: limits, watchdog: watchdog)
            try Session(explainer: explainer, output: output).run()
        } catch {
            try output.write(WorkerResponse(id: "", .failed(error)))
            throw ExitCode(error.exitStatus)
        }
    }

    private var limits: ImageLimits {
        ImageLimits(
            maxFileBytes: maxFileBytes, maxPixels: maxPixels, maxSide: maxSide, maxAspect: maxAspect,
            decodeSeconds: decodeSeconds, workerMemoryBytes: maxMemoryBytes)
    }

    /// Before the model is loaded, which is code and must not get around it.
    private func limitMemory() throws(Failure) {
        guard maxMemoryBytes > 0 else { return }
        guard clinux_limit_address_space(UInt64(maxMemoryBytes)) == 0 else {
            throw Failure(
                .internal, "The address space cannot be limited: \(Errno(rawValue: errno)).",
                remedy: "Set limits.worker_memory_bytes to 0, or allow prlimit(2).")
        }
    }
}

extension Precision: ExpressibleByArgument {}
