import Foundation
import Logging
import SystemPackage
import Testing

@testable import Core

/// The gradcam command at a real socket.
@Suite("gradcam asks", .timeLimit(.minutes(3))) struct ControlCommandTests {
    private let folder: TemporaryFolder
    private let target = SmallTarget()
    private var socket: FilePath { folder.path.appending("s") }

    init() throws { folder = try TemporaryFolder() }

    private struct Ended: Sendable {
        let status: Int32
        let output: String
        let errors: String
    }

    /// - Parameter user: runs it as this user instead.
    private func gradcam(_ arguments: [String], user: Int? = nil) async throws -> Ended {
        let programs = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        let gradcam = programs.appending(path: "gradcam").path
        let words = [gradcam] + arguments + ["--socket", socket.string]
        let process = Process()
        process.executableURL = URL(filePath: user == nil ? gradcam : "/usr/bin/setpriv")
        process.arguments =
            user.map { ["--reuid", "\($0)", "--regid", "\($0)", "--clear-groups"] + words } ?? Array(words.dropFirst())
        process.currentDirectoryURL = URL(filePath: folder.path.string)
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        return try await withCheckedThrowingContinuation { continuation in
            // What it prints fits into the pipes.
            process.terminationHandler = { process in
                continuation.resume(
                    returning: Ended(
                        status: process.terminationStatus,
                        output: String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self),
                        errors: String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)))
            }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
    }

    private func serving(_ body: () async throws -> Void) async throws {
        let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let server = ControlServer(at: socket, target: target, logger: silent)
        let run = Task { try await server.run() }
        let result: Result<Void, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        run.cancel()
        try await run.value
        try result.get()
    }

    @Test("status for people, without colours in a pipe, and for programs") func status() async throws {
        try await serving {
            let text = try await gradcam(["status"])
            #expect(text.status == 0 && text.errors.isEmpty)
            #expect(text.output.hasPrefix("gradcamd 0.1.0 is running since 2026-11-25 08:00 UTC (pid 812): watching"))
            let json = try await gradcam(["status", "--json"])
            #expect(try JSONDecoder().decode(StatusReport.self, from: Data(json.output.utf8)) == ControlSamples.status)
        }
    }

    @Test("why names the file by an absolute path of its own bytes") func why() async throws {
        try await serving {
            let answer = try await gradcam(["why", "scans/../inbox/./a b.jpg"])
            #expect(answer.status == 0)
            #expect(answer.output == "scans/a.jpg: it settles: 0.8 of 1.5 s without a change\n")
        }
        guard case .why(let path) = await target.asked.first else { throw Errno.ioError }
        #expect(path.path.string.hasSuffix("/inbox/a b.jpg") && path.path.isAbsolute)
        #expect(path.path.lexicallyNormalized() == path.path)
    }

    @Test("commands, their texts, and what they ask") func commands() async throws {
        try await serving {
            #expect(
                try await gradcam(["pause", "--reason", "backup"]).output.hasPrefix("paused, also after a restart"))
            let resumed = try await gradcam(["resume"])
            #expect(resumed.status == 74 && resumed.errors == "gradcam: Full. Make room.\n" && resumed.output.isEmpty)
            #expect(
                try await gradcam(["reload"]).output
                    == "explanations.method auto -> layercam\nin force, with the same workers of yolov8n\n")
            #expect(try await gradcam(["retry", "17", "18"]).output == "1 image is tried again: row 17\n")
            #expect(try await gradcam(["retry", "--all-failed", "--json"]).output.contains("\"count\" : 1"))
            #expect(
                try await gradcam(["reexplain", "--since", "2026-11", "--label", "cat"]).output
                    == "nothing is explained again\n")
            #expect(try await gradcam(["reexplain", "--all"]).status == 0)
        }
        #expect(
            await target.asked == [
                .pause(reason: "backup"), .reload, .retry(.ids([17, 18])), .retry(.allFailed),
                .reexplain(.matching(since: "2026-11", label: "cat")), .reexplain(.all),
            ])
        for wrong in [
            ["retry"], ["retry", "1", "--all-failed"], ["reexplain"], ["reexplain", "1", "--all"],
            ["reexplain", "--since", "yesterday"], ["sync", "--timeout", "-1"], ["why"],
        ] { #expect(try await gradcam(wrong).status == 64) }
    }

    @Test("some of several that cannot be retried: 1") func refused() async throws {
        await target.refuse([.init(id: 18, reason: "it is done")])
        try await serving {
            let answer = try await gradcam(["retry", "17", "18"])
            #expect(answer.status == 1)
            #expect(answer.output == "1 image is tried again: row 17\nrow 18 is not: it is done\n")
        }
    }

    @Test(
        "sync: 0 where all is finished, 75 where something is held or the time ran out",
        arguments: [
            (SyncReport(finished: 2, failed: 0, held: [], heldCount: 0, timedOut: false), Int32(0)),
            (SyncReport(finished: 2, failed: 0, held: [ControlSamples.why], heldCount: 1, timedOut: false), 75),
            (SyncReport(finished: 0, failed: 0, held: [], heldCount: 0, timedOut: true), 75),
        ] as [(SyncReport, Int32)]) func sync(report: SyncReport, status: Int32) async throws
    {
        let target = target
        try await serving {
            let finishing = Task {
                while await target.asked.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
                await target.finishSyncs(report)
            }
            let answer = try await gradcam(["sync", "--timeout", "2.5", "--json"])
            try await finishing.value
            #expect(answer.status == status && answer.errors.isEmpty)
            #expect(try JSONDecoder().decode(SyncReport.self, from: Data(answer.output.utf8)) == report)
        }
        #expect(await target.asked == [.sync(timeout: .milliseconds(2500))])
    }

    @Test("nobody there: 69, one line with a remedy; why tells what it can") func notRunning() async throws {
        for command in [["status"], ["sync"], ["pause"], ["resume"], ["rescan"], ["reload"], ["retry", "1"]] {
            let answer = try await gradcam(command)
            #expect(answer.status == 69 && answer.output.isEmpty)
            #expect(answer.errors.hasPrefix("gradcam: gradcamd is not running (no one answers at \(socket)). Start it"))
            #expect(answer.errors.split(separator: "\n").count == 1)
        }
        let why = try await gradcam(["why", "/etc/hostname"])
        #expect(why.status == 0 && why.output.hasPrefix("/etc/hostname: it does not lie in the inbox\n"))
        #expect(why.errors.contains("gradcamd is not running"))
    }

    @Test("who may not ask is told what to do: 77", .enabled(if: geteuid() == 0)) func notPermitted() async throws {
        // The program must be within the other user's reach.
        let reach = try await gradcam(["--version"], user: 65_534)
        guard reach.status == 0 else { try Test.cancel("gradcam cannot be run by another user: \(reach.errors)") }
        #expect(chmod(folder.path.string, 0o755) == 0)
        try await serving {
            let answer = try await gradcam(["status"], user: 65_534)
            #expect(answer.status == 77 && answer.errors.contains("usermod -aG gradcamd"), "\(answer)")
        }
    }
}
