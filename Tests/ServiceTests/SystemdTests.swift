import Foundation
import Glibc
import Testing

/// The real unit under a real systemd, in namespaces of its own over a throw-away copy of the root file system. Needs
/// root; everybody else's run leaves it out and says so.
@Suite(
    "systemd", .enabled(if: geteuid() == 0, "namespaces and mounts need root"), .timeLimit(.minutes(3)), .serialized)
struct SystemdTests {
    private let here = URL(filePath: #filePath).deletingLastPathComponent()

    private func run(_ program: String, _ arguments: [String]) async throws -> Program {
        try await Program.run(
            program, arguments, in: here.deletingLastPathComponent().deletingLastPathComponent())
    }

    @Test(
        "sandboxed: READY, one image explained, STATUS, journal fields, a clean stop; classifier and detector",
        arguments: ["swish-scripted.pt", "signdet.torchscript"])
    func unit(model: String) async throws {
        let isDetector = model == "signdet.torchscript"
        let result = try await run(
            here.appending(path: "with-systemd.sh").path,
            [
                "--timeout", "120", "--", here.appending(path: "unit-smoke.sh").path,
                RunningDaemon.programs.path, RunningDaemon.fixture(model),
                isDetector ? RunningDaemon.fixture("twins.png") : RunningDaemon.picture("baseline.jpg").path,
            ])
        #expect(result.status == 0, "\(result.text)")
    }

    @Test("the unit is sandboxed: an exposure of at most 0.5") func exposure() async throws {
        let result = try await run(
            "/usr/bin/systemd-analyze",
            ["security", "--offline=true", "--threshold=5", "--no-pager", "systemd/gradcamd.service"])
        #expect(result.status == 0, "\(result.text)")
    }
}
