import Foundation
import Glibc
import Testing

/// The real unit under a real systemd, in namespaces of its own over a throw-away copy of the root file system. Needs
/// root; everybody else's run leaves it out and says so.
@Suite(
    "systemd", .enabled(if: geteuid() == 0, "namespaces and mounts need root"), .timeLimit(.minutes(3)), .serialized)
struct SystemdTests {
    private let here = URL(filePath: #filePath).deletingLastPathComponent()

    /// - Returns: the exit status and what was printed.
    private func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.currentDirectoryURL = here.deletingLastPathComponent().deletingLastPathComponent()
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, output)
    }

    @Test(
        "sandboxed: READY, one image explained, STATUS, journal fields, a clean stop; classifier and detector",
        arguments: ["swish-scripted.pt", "signdet.torchscript"])
    func unit(model: String) throws {
        let isDetector = model == "signdet.torchscript"
        let result = try run(
            here.appending(path: "with-systemd.sh").path,
            [
                "--timeout", "120", "--", here.appending(path: "unit-smoke.sh").path,
                RunningDaemon.programs.path, RunningDaemon.fixture(model),
                isDetector ? RunningDaemon.fixture("twins.png") : RunningDaemon.picture("baseline.jpg").path,
            ])
        #expect(result.status == 0, "\(result.output)")
    }

    @Test("the unit is sandboxed: an exposure of at most 0.5") func exposure() throws {
        let result = try run(
            "/usr/bin/systemd-analyze",
            ["security", "--offline=true", "--threshold=5", "--no-pager", "systemd/gradcamd.service"])
        #expect(result.status == 0, "\(result.output)")
    }
}
