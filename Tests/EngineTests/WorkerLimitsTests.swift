import COpenCV
import Core
import Foundation
import SystemPackage
import Testing

/// The real worker against pictures that cost too much.
@Suite("Worker limits", .timeLimit(.minutes(3))) struct WorkerLimitsTests {
    private let bench: WorkerBench

    init() throws { bench = try WorkerBench() }

    private var small: RawPath {
        RawPath(
            FilePath(#filePath).removingLastComponent().appending("Fixtures/pictures").appending("baseline.jpg"))
    }

    private func failure(_ worker: WorkerProcess, _ image: RawPath) async -> Failure? {
        await #expect(throws: Failure.self) { try await bench.explain(worker) { $0.image = image } }
    }

    @Test("memory that a picture needs and the worker may not have: the size, the settings, and it can go on")
    func memory() async throws {
        // 20,000 x 20,000 pixels take 1.2 GB; libtorch and the network somewhat less than 1 GB of address space.
        try HugePicture.write(side: 20_000, to: bench.file("huge.bmp").path.string)
        let worker = try await bench.worker(
            "swish-scripted.pt", limits: ImageLimits(maxPixels: 400_000_000, workerMemoryBytes: 2_000_000_000))
        let failure = await failure(worker, bench.file("huge.bmp"))
        #expect(failure?.code == .outOfMemory)
        #expect(failure?.message == "There is not enough memory for a picture of 20000 x 20000 pixels.")
        #expect(failure?.remedy.contains("limits.worker_memory_bytes") == true)
        #expect(failure?.remedy.contains("limits.max_pixels") == true)
        #expect(try await bench.explain(worker) { $0.image = small }.predictions.count == 1)
    }

    @Test("100 megapixels fit into what a worker may have by default") func hundredMegapixels() async throws {
        try HugePicture.write(side: 9_984, to: bench.file("large.bmp").path.string)
        let worker = try await bench.worker("resnet18.pt")
        let explanation = try await bench.explain(worker) {
            $0.image = bench.file("large.bmp")
            $0.overlays = [bench.file("large.cam.jpg")]
        }
        #expect(explanation.picture.width == 9_984 && explanation.overlays.count == 1)
    }

    @Test("a picture that takes too long to decode: the worker says so, and ends") func decodeOverdue() async throws {
        try HugePicture.write(side: 9_984, to: bench.file("large.bmp").path.string)
        let worker = try await bench.worker("swish-scripted.pt", limits: ImageLimits(decodeSeconds: 0.001))
        let failure = await failure(worker, bench.file("large.bmp"))
        #expect(failure?.code == .decodeOverdue && failure?.disposition == .permanent)
        #expect(failure?.message == "Decoding took longer than 0.001 s.")
        #expect(failure?.remedy.contains("limits.decode_seconds") == true)
        #expect(await self.failure(worker, small)?.code == .workerCrashed)
    }

    @Test("a picture that is too long for its width is refused, and the worker goes on") func aspect() async throws {
        let strip = try RawPicture(width: 42, height: 2, red: 1, green: 2, blue: 3)
        try Data(strip.encoded(.PNG)).write(to: URL(filePath: bench.file("strip.png").path.string))
        let worker = try await bench.worker("swish-scripted.pt", limits: ImageLimits(maxAspect: 20))
        let failure = await failure(worker, bench.file("strip.png"))
        #expect(failure?.code == .imageTooLarge && failure?.remedy.contains("limits.max_aspect") == true)
        #expect(try await bench.explain(worker) { $0.image = small }.predictions.count == 1)
    }

    @Test("a worker whose daemon is gone ends in the middle of its image, and writes no overlay") func orphan() throws {
        try HugePicture.write(side: 9_984, to: bench.file("large.bmp").path.string)
        let overlay = bench.file("large.cam.jpg")
        let process = Process()
        process.executableURL = URL(filePath: WorkerBench.program.string)
        process.arguments = try ["--model", bench.fixture("swish-scripted.pt").string]
        let (requests, answers) = (Pipe(), Pipe())
        process.standardInput = requests
        process.standardOutput = answers
        try process.run()
        // Our copy of the child's end; its own must be the only one.
        try answers.fileHandleForWriting.close()
        #expect(!answers.fileHandleForReading.availableData.isEmpty)
        var request = WorkerRequest()
        request.image = bench.file("large.bmp")
        request.overlays = [overlay]
        try requests.fileHandleForWriting.write(contentsOf: Data(MessageCoding.line(request).utf8))
        // Its input stays open, as that of a worker with a frozen or forgotten copy of the pipe would.
        try answers.fileHandleForReading.close()
        process.waitUntilExit()
        #expect(!FileManager.default.fileExists(atPath: overlay.path.string))
        try requests.fileHandleForWriting.close()
    }

    @Test("answers are read from a worker whose input has ended: echo … | gradcam-worker") func inputEnds() throws {
        let process = Process()
        process.executableURL = URL(filePath: WorkerBench.program.string)
        process.arguments = try ["--model", bench.fixture("swish-scripted.pt").string]
        let (requests, answers) = (Pipe(), Pipe())
        process.standardInput = requests
        process.standardOutput = answers
        var request = WorkerRequest()
        request.image = small
        try requests.fileHandleForWriting.write(contentsOf: Data(MessageCoding.line(request).utf8))
        try requests.fileHandleForWriting.close()
        try process.run()
        let lines = try #require(try answers.fileHandleForReading.readToEnd()).split(separator: UInt8(ascii: "\n"))
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(lines.count == 2)
    }
}
