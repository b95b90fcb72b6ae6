import Foundation
import SystemPackage
import Testing

@testable import Core

/// `gradcam log --follow` beside a real service.
@Suite("gradcam log --follow", .timeLimit(.minutes(3))) struct FollowTests {
    /// A command that runs until it is told to stop.
    private final class Follower {
        let process = Process()
        private let output: URL
        private let errors: URL

        init(_ arguments: [String], in folder: URL) throws {
            output = folder.appending(path: "follow-\(UUID().uuidString)")
            errors = output.appendingPathExtension("errors")
            process.executableURL = RunningDaemon.programs.appending(path: "gradcam")
            process.arguments = ["log", "--follow"] + arguments
            for file in [output, errors] { try Data().write(to: file) }
            process.standardOutput = try FileHandle(forWritingTo: output)
            process.standardError = try FileHandle(forWritingTo: errors)
            try process.run()
        }

        deinit { if process.isRunning { process.terminate() } }

        var lines: [String] { text(output).split(whereSeparator: \.isNewline).map(String.init) }
        var complaints: String { text(errors) }

        private func text(_ file: URL) -> String { (try? String(contentsOf: file, encoding: .utf8)) ?? "" }

        func end() async throws -> Int32 {
            process.interrupt()
            let process = process
            return try await offPool {
                process.waitUntilExit()
                return process.terminationStatus
            }
        }
    }

    @Test("it waits for a log, shows each image once as it ends, and lives on when the service is killed")
    func follows() async throws {
        let daemon = try RunningDaemon(model: RunningDaemon.fixture("swish-scripted.pt"))
        let log = daemon.root.appending(path: "log.db").path
        let follower = try Follower(["--log", log, "--json"], in: daemon.root)
        try await daemon.until("it says that there is no log") { follower.complaints.contains("is not there yet") }
        try daemon.start()
        try await daemon.watching()
        try daemon.drop("grey.jpg", as: "first.jpg")
        try await daemon.until("the first is shown") { follower.lines.count == 1 }
        daemon.kill()
        try daemon.start()
        try await daemon.watching()
        try daemon.drop("baseline.jpg", as: "second.jpg")
        try await daemon.until("the second is shown") { follower.lines.count == 2 }

        let rows = try follower.lines.map {
            try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        #expect(rows.map { $0["name"] as? String } == ["first.jpg", "second.jpg"])
        #expect(rows.allSatisfy { $0["state"] as? String == "done" && $0["label"] is String })
        #expect(try await follower.end() == 130)
        #expect(follower.complaints == "gradcam: \(log) is not there yet; waiting for it\n")
    }

    @Test("as a table and as CSV it begins with the newest rows, under one heading") func headings() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "gradcam-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "log.db").path
        let store = try Store(path: FilePath(path))
        func fail(_ name: String) throws {
            let id = try store.claim(
                ArrivalRecord(
                    claim: name, name: Data(name.utf8), nameText: name, bytes: 1, modifiedAt: .now, owner: 0))
            try store.fail(id, because: Failure(.notAnImage, "It is text."))
        }
        for name in ["a", "b"] { try fail(name) }
        let table = try Follower(["--log", path, "-n", "1"], in: folder)
        let csv = try Follower(["--log", path, "-n", "1", "--csv"], in: folder)
        while table.lines.count < 2 || csv.lines.count < 2 { try await Task.sleep(for: .milliseconds(50)) }
        try fail("c")
        while table.lines.count < 3 || csv.lines.count < 3 { try await Task.sleep(for: .milliseconds(50)) }
        #expect(table.lines[0].hasPrefix("id ") && table.lines[1].contains("  b  ") && table.lines[2].contains("  c  "))
        #expect(csv.lines[0].hasPrefix("id,time,name") && csv.lines[2].contains(",c,failed,"))
        for follower in [table, csv] { #expect(try await follower.end() == 130) }
    }

    @Test("it ends when nobody reads it any more") func nobodyReads() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "gradcam-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "log.db").path
        _ = try Store(path: FilePath(path))
        let gradcam = RunningDaemon.programs.appending(path: "gradcam").path
        let result = try await Program.run(
            "/bin/bash", ["-c", "set -o pipefail; '\(gradcam)' log --follow --log '\(path)' | head -n 1"])
        #expect(result.status == 0 && result.output.hasPrefix("id "))
    }
}
