import COpenCV
import Core
import Foundation
import SystemPackage
import Testing

/// Real worker processes over their real protocol, and a folder for what they write.
final class WorkerBench: Sendable {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "worker-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// - Parameter name: of a file of `Fixtures/make_fixtures.py`, or an absolute path.
    func fixture(_ name: String) throws -> FilePath {
        let fixtures = try #require(
            ProcessInfo.processInfo.environment["GRADCAM_FIXTURES"],
            "Set GRADCAM_FIXTURES to the folder of make_fixtures.py, or run script/test.")
        return FilePath(fixtures).pushing(FilePath(name))
    }

    /// Built beside the test bundle.
    static var program: FilePath {
        FilePath(CommandLine.arguments[0]).removingLastComponent().appending("gradcam-worker")
    }

    func worker(
        _ model: String, layers: [String] = [], precision: Precision = .float32,
        threads: Int = 1, limits: ImageLimits = ImageLimits()
    ) async throws -> WorkerProcess {
        try await WorkerProcess.start(
            WorkerLaunch(
                executable: Self.program, model: fixture(model), layers: layers, precision: precision,
                threads: threads, limits: limits))
    }

    func explain(
        _ worker: WorkerProcess, _ change: (inout WorkerRequest) throws -> Void
    ) async throws -> Explanation {
        var request = WorkerRequest()
        try change(&request)
        switch await worker.answer(to: request) {
        case .explained(let explanation): return explanation
        case .failed(let failure): throw failure
        case .ready, .inspected: throw Failure(.internal, "another answer")
        }
    }

    /// In the folder.
    func file(_ name: String) -> RawPath { RawPath(FilePath(folder.appending(path: name).path)) }

    /// Of a file in the folder, through COpenCV's decoder, which has tests of its own against Pillow.
    func decoded(_ name: String) throws -> RawPicture {
        let bytes = try [UInt8](Data(contentsOf: folder.appending(path: name)))
        let header = try ImageHeader(parsing: bytes)
        return try RawPicture(decoding: bytes, width: header.width, height: header.height)
    }

    func decodedRGB(_ name: String) throws -> [UInt8] { try decoded(name).rgb }
}
