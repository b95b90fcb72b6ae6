import Foundation
import Glibc
import Testing

/// The real units under a real systemd, booted for each scenario in namespaces of its own over a throw-away copy of the
/// root file system. Needs root; everybody else's run leaves it out and says so.
@Suite(
    "systemd", .enabled(if: geteuid() == 0, "namespaces and mounts need root"), .timeLimit(.minutes(3)), .serialized)
struct SystemdTests {
    private let scenarios = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "systemd")

    private func run(_ program: String, _ arguments: [String]) async throws -> Program {
        let project = scenarios.appending(path: "../../..").standardized
        return try await Program.run(program, arguments, in: project)
    }

    @Test(
        "under a booted systemd: the first lines of systemd/NAME.sh say what is seen",
        arguments: [
            "drop-ins", "instances", "journal", "kills", "maintenance", "metrics", "photographs", "readers", "reload",
            "sandbox", "settings", "stop", "units", "uploads",
        ])
    func scenario(name: String) async throws {
        let result = try await run(
            scenarios.appending(path: "with-systemd.sh").path,
            [
                "--timeout", "150", "--", scenarios.appending(path: "\(name).sh").path,
                RunningDaemon.programs.path, try RunningDaemon.fixture(""),
            ])
        #expect(result.status == 0, "\(result.text)")
    }

    @Test("the package that script/package built: installed, used, upgraded, removed, purged") func package()
        async throws
    {
        let folder = scenarios.appending(path: "../../../dist").standardized
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let file = try #require(files.first { $0.hasSuffix(".deb") }, "run script/package first")
        let result = try await run(
            scenarios.appending(path: "with-systemd.sh").path,
            [
                "--timeout", "170", "--", scenarios.appending(path: "package.sh").path,
                folder.appending(path: file).path, RunningDaemon.fixture("swish-scripted.pt"),
                RunningDaemon.picture("baseline.jpg").path, RunningDaemon.picture("lossless.webp").path,
            ])
        #expect(result.status == 0, "\(result.text)")
    }

    @Test(
        "sandboxed: the exposure that systemd-analyze counts, in tenths",
        arguments: [
            ("gradcamd.service", 5), ("gradcamd@.service", 5), ("gradcamd-maintenance.service", 2),
            ("gradcamd-maintenance@.service", 2), ("gradcamd-metrics@.service", 2),
        ])
    func exposure(unit: String, limit: Int) async throws {
        let result = try await run(
            "/usr/bin/systemd-analyze",
            ["security", "--offline=true", "--threshold=\(limit)", "--no-pager", "systemd/\(unit)"])
        #expect(result.status == 0, "\(result.text)")
    }
}
