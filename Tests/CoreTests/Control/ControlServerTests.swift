import Foundation
import Logging
import SystemPackage
import Testing

@testable import Core

/// Server and client over a real socket.
@Suite("Control server", .timeLimit(.minutes(3))) struct ControlServerTests {
    private let folder: TemporaryFolder
    private let target = SmallTarget()
    private var path: FilePath { folder.path.appending("s") }
    private var client: ControlClient { ControlClient(path: path) }

    init() throws { folder = try TemporaryFolder() }

    /// Runs `body` beside a server, which is stopped afterwards.
    private func serving(
        _ limits: ControlServer.Limits = .init(), logger: Logger = Logger(label: "test") { _ in SilentLogHandler() },
        _ body: () async throws -> Void
    ) async throws {
        let server = ControlServer(at: path, target: target, limits: limits, logger: logger)
        let run = Task { try await server.run() }
        let result: Result<Void, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        run.cancel()
        try await run.value
        try result.get()
    }

    /// A client that may send anything.
    private struct Raw {
        let socket: LocalSocket
        var lines: LineReader

        init(_ path: FilePath) throws {
            socket = try LocalSocket()
            try socket.connect(to: path)
            lines = LineReader(socket, limit: 1 << 20)
        }

        func send(_ text: String) async throws { try await socket.send(text, until: nil) }

        /// `nil` where the server has closed.
        mutating func content() async throws -> ControlResponse.Content? {
            guard let line = try await lines.line(until: nil) else { return nil }
            return try MessageCoding.decode(ControlResponse.self, from: String(decoding: line, as: UTF8.self)).content
        }
    }

    private func failure(_ content: ControlResponse.Content?) throws -> Failure {
        guard case .failed(let failure) = content else { throw Failure(.internal, "not failed: \(content as Any)") }
        return failure
    }

    /// Another client is served.
    private func expectService() async throws {
        #expect(try await client.ask(.status) == .status(ControlSamples.status))
    }

    private func until(_ condition: () async -> Bool) async throws {
        while await !condition() { try await Task.sleep(for: .milliseconds(5)) }
    }

    // MARK: The socket's file

    @Test("the group may connect, others may not; the file goes with the server") func mode() async throws {
        try await serving {
            let attributes = try FileManager.default.attributesOfItem(atPath: path.string)
            #expect(attributes[.posixPermissions] as? Int == 0o660)
            try await expectService()
        }
        #expect(!FileManager.default.fileExists(atPath: path.string))
    }

    @Test("the socket of a dead run is replaced") func stale() async throws {
        do { try LocalSocket().listen(at: path, mode: 0o600) }
        #expect(FileManager.default.fileExists(atPath: path.string))
        #expect(throws: Errno.connectionRefused) { try LocalSocket().connect(to: path) }
        try await serving { try await expectService() }
    }

    @Test("a server that lives is not robbed, also when the other one ends") func live() async throws {
        try await serving {
            let error = #expect(throws: ControlListenerError.self) { try ControlListener(path: path) }
            #expect(error?.cause == .taken)
            #expect("\(error as Any)".contains("control.socket of its own"))
            try await expectService()
        }
    }

    @Test("what is no socket stays where it is", arguments: ["file", "folder", "link", "fifo"])
    func occupied(kind: String) throws {
        switch kind {
        case "file": try folder.write("precious", to: "s")
        case "folder": try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: false)
        case "fifo": #expect(mkfifo(path.string, 0o600) == 0)
        default:
            try FileManager.default.createSymbolicLink(atPath: path.string, withDestinationPath: "/nowhere")
        }
        let error = #expect(throws: ControlListenerError.self) { try ControlListener(path: path) }
        #expect(error?.cause == .occupied)
        #expect((try? FileManager.default.attributesOfItem(atPath: path.string)) != nil)
    }

    @Test("a path that does not fit, or cannot be: the log says how to mend it, and the service goes on")
    func impossible() async throws {
        // 107 bytes fit into sockaddr_un beside the NUL, unix(7).
        let fitting = FilePath(folder.path.string + "/" + String(repeating: "x", count: 106 - folder.path.length))
        #expect(fitting.length == 107)
        do { try ControlListener(path: fitting).remove() }
        for (path, words) in [
            (
                FilePath(fitting.string + "x"),
                "the path has 108 bytes, and 107 fit. Set control.socket to a shorter path."
            ),
            (folder.path.appending("no/s"), "No such file or directory. Make the folder"),
        ] {
            let log = LogLines()
            let server = ControlServer(at: path, target: target, logger: log.logger)
            #expect(log.lines.count == 1 && log.lines[0].contains(words), "\(log.lines)")
            let run = Task { try await server.run() }
            try await Task.sleep(for: .milliseconds(20))
            run.cancel()
            try await run.value
        }
    }

    // MARK: Conversations

    @Test("commands reach the target, several on one connection; errors keep their remedy") func commands() async throws
    {
        let log = LogLines()
        try await serving(logger: log.logger) {
            #expect(try await client.ask(.why(RawPath("/a/b.jpg"))) == .why(ControlSamples.why))
            #expect(try await client.ask(.retry(.ids([17, 18]))).requeued == [17])
            #expect(try await client.ask(.reexplain(.matching(since: "2026", label: nil))).requeued == [])
            var raw = try Raw(path)
            try await raw.send(#"{"command":"pause","reason":"two\nlines"}"# + "\n" + #"{"command":"status"}"# + "\n")
            guard case .paused(let pause) = try await raw.content() else { throw Errno.ioError }
            #expect(pause.reason == "two\u{FFFD}lines")
            #expect(try await raw.content() == .status(ControlSamples.status))
            let full = await #expect(throws: Failure.self) { try await client.ask(.resume) }
            #expect(full == Failure(.diskFull, "Full.", remedy: "Make room."))
            let other = await #expect(throws: Failure.self) { try await client.ask(.rescan) }
            #expect(other?.code == .internal)
        }
        #expect(
            await target.asked == [
                .why(RawPath("/a/b.jpg")), .retry(.ids([17, 18])), .reexplain(.matching(since: "2026", label: nil)),
                .pause(reason: "two\u{FFFD}lines"), .status,
            ])
        // Only commands that change something leave a line.
        let who = "was asked for by user \(geteuid()), process \(getpid())"
        #expect(log.lines == ["retry", "reexplain", "pause", "resume", "rescan"].map { "'\($0)' \(who)" })
    }

    @Test("a request without line feed counts when the client has said that it sends nothing more")
    func halfClosed() async throws {
        try await serving {
            var raw = try Raw(path)
            try await raw.send(#"{"command":"status"}"#)
            #expect(shutdown(raw.socket.descriptor, Int32(SHUT_WR)) == 0)
            #expect(try await raw.content() == .status(ControlSamples.status))
            #expect(try await raw.content() == nil)
        }
    }

    @Test(
        "garbage gets an answer, and the next request too",
        arguments: [
            "no JSON", "", "{}", "\u{0}", "[[[[", #"{"command":"why","path":"relative.jpg"}"#,
            #"{"command":"status","version":2}"#,
        ]) func garbage(line: String) async throws
    {
        try await serving {
            var raw = try Raw(path)
            try await raw.send(line + "\n")
            #expect(try failure(try await raw.content()).code == .badRequest)
            try await raw.send(#"{"command":"status"}"# + "\n")
            #expect(try await raw.content() == .status(ControlSamples.status))
        }
    }

    @Test("bytes that are not UTF-8 are refused instead of repaired") func notUTF8() async throws {
        try await serving {
            var raw = try Raw(path)
            let bytes = Array(#"{"command":"why","path":"/"#.utf8) + [0xff] + Array("\"}\n".utf8)
            #expect(write(raw.socket.descriptor, bytes, bytes.count) == bytes.count)
            #expect(try failure(try await raw.content()).message.contains("UTF-8"))
        }
    }

    @Test("mutated requests and random bytes: each line has an answer, and the server is there afterwards")
    func hostile() async throws {
        let seeds = [
            #"{"command":"sync","timeout_seconds":0.001,"version":1}"#,
            #"{"command":"why","path":{"base64":"L3gv/w=="}}"#,
            #"{"command":"reexplain","ids":[1,2,9223372036854775807],"since":null}"#,
            #"{"command":"pause","reason":"\ud83d"}"#,
        ].map { Array($0.utf8) }
        var state: UInt64 = 42
        func random(_ bound: Int) -> Int {
            // Knuth's MMIX constants.
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        try await serving {
            for round in 0..<400 {
                var line = seeds[random(seeds.count)]
                for _ in 0..<(1 + random(4)) {
                    switch random(3) {
                    case 0: line[random(line.count)] = UInt8(random(256))
                    case 1: line.insert(contentsOf: line.prefix(random(20)), at: random(line.count))
                    default: line.removeSubrange(..<random(min(8, line.count)))
                    }
                    if line.isEmpty { line = [0] }
                }
                line.removeAll { $0 == UInt8(ascii: "\n") }
                // One that happens to be a sync would wait for the test.
                if (try? MessageCoding.decode(ControlRequest.self, from: String(decoding: line, as: UTF8.self)))?
                    .command
                    .name == .sync
                {
                    continue
                }
                line.append(UInt8(ascii: "\n"))
                var raw = try Raw(path)
                #expect(write(raw.socket.descriptor, line, line.count) == line.count)
                // Some go away without listening.
                if round % 4 > 0 { #expect(try await raw.content() != nil) }
            }
            try await expectService()
        }
    }

    @Test("a line may have 64 KiB, and not one byte more; others are served meanwhile") func longLine() async throws {
        try await serving {
            var raw = try Raw(path)
            let frame = #"{"command":"pause","reason":""}"#
            let longest = frame.replacing("\"}", with: String(repeating: "x", count: 65_536 - frame.count) + "\"}")
            #expect(longest.utf8.count == 65_536)
            try await raw.send(longest + "\n")
            guard case .paused(let report) = try await raw.content() else { throw Errno.ioError }
            #expect(report.reason?.count == 200)
            try? await raw.send(String(repeating: "y", count: 1 << 20))
            try await expectService()
            #expect(try failure(try await raw.content()).message.contains("65536"))
        }
    }

    @Test("who asks nothing is let go") func idle() async throws {
        var limits = ControlServer.Limits()
        limits.idle = .milliseconds(30)
        try await serving(limits) {
            var raw = try Raw(path)
            try await raw.send("{")
            #expect(try await raw.content() == nil)
        }
    }

    @Test("who comes when all seats are taken is told so; a seat is free again when a client has gone")
    func seats() async throws {
        var limits = ControlServer.Limits()
        limits.connections = 2
        try await serving(limits) {
            var clients = [try Raw(path), try Raw(path)]
            for index in clients.indices {
                try await clients[index].send(#"{"command":"status"}"# + "\n")
                #expect(try await clients[index].content() == .status(ControlSamples.status))
            }
            var third = try Raw(path)
            #expect(try failure(try await third.content()).message == "2 clients are connected already.")
            #expect(try await third.content() == nil)
            clients.removeLast()
            try await until { (try? await client.ask(.status)) != nil }
        }
    }

    // MARK: Sync

    private static let synced = SyncReport(finished: 5, failed: 1, held: [], heldCount: 0, timedOut: false)

    @Test("sync tells how far it is, then the result; another client is served meanwhile") func sync() async throws {
        let (client, target) = (client, target)
        var limits = ControlServer.Limits()
        // None of its own lines between those of the target.
        limits.heartbeat = .seconds(600)
        try await serving(limits) {
            async let answer = client.ask(.sync(timeout: .seconds(7))) { numbers in
                #expect(numbers == SyncProgress(finished: 2, remaining: 3))
                Task { await target.finishSyncs(Self.synced) }
            }
            try await until { await !target.asked.isEmpty }
            try await expectService()
            await target.tell(SyncProgress(finished: 2, remaining: 3))
            #expect(try await answer == .synced(Self.synced))
        }
        #expect(await target.asked == [.sync(timeout: .seconds(7)), .status])
        #expect(await target.givenUp == 0)
    }

    @Test("a client that goes away ends its sync") func gone() async throws {
        try await serving {
            do {
                let raw = try Raw(path)
                try await raw.send(#"{"command":"sync"}"# + "\n")
                try await until { await target.asked == [.sync(timeout: nil)] }
                #expect(await target.givenUp == 0)
            }
            try await until { await target.givenUp == 1 }
            try await expectService()
        }
    }

    @Test("a sync says that it is alive") func heartbeat() async throws {
        var limits = ControlServer.Limits()
        limits.heartbeat = .milliseconds(1)
        try await serving(limits) {
            var raw = try Raw(path)
            try await raw.send(#"{"command":"sync"}"# + "\n")
            try await until { await !target.asked.isEmpty }
            await target.tell(SyncProgress(finished: 0, remaining: 1))
            for _ in 0..<2 {
                #expect(try await raw.content() == .progress(SyncProgress(finished: 0, remaining: 1)))
            }
        }
    }

    @Test("a server that stops tells the clients that wait") func stopping() async throws {
        let (client, target, answers) = (client, target, LogLines())
        var waiting: Task<Void, Never>?
        try await serving {
            waiting = Task {
                do { _ = try await client.ask(.sync(timeout: nil)) } catch { answers.append("\(error)") }
            }
            try await until { await !target.asked.isEmpty }
        }
        await waiting?.value
        #expect(answers.lines == ["gradcamd is stopping."])
    }

    // MARK: The client's errors

    @Test("nobody there, nobody listening: not running, with 69") func notRunning() async throws {
        for isStale in [false, true] {
            if isStale { try LocalSocket().listen(at: path, mode: 0o600) }
            let error = await #expect(throws: ControlClientError.self) { try await client.ask(.status) }
            #expect(error?.cause == .notRunning && error?.exitStatus == 69)
            #expect("\(error as Any)".contains("gradcamd is not running (no one answers at \(path))"))
        }
    }

    @Test("a server that says nothing, or nonsense, or breaks off") func badServers() async throws {
        let (client, listener) = (client, try ControlListener(path: path))
        var error = await #expect(throws: ControlClientError.self) {
            try await client.ask(.status, patience: .milliseconds(30))
        }
        #expect(error?.cause == .silent(.milliseconds(30)) && error?.exitStatus == 69)
        // The client from before is in the queue still.
        _ = try await listener.socket.accept()
        for (answer, cause) in [
            ("", ControlClientError.Cause.brokenOff), ("220 smtp ready\n", .unintelligible),
            (#"{"version":2,"kind":"rescanned"}"# + "\n", .unintelligible),
        ] {
            let asked = Task { try await client.ask(.status) }
            let peer = try await listener.socket.accept()
            _ = try await peer.receive(until: nil)
            try await peer.send(answer, until: nil)
            shutdown(peer.descriptor, Int32(SHUT_RDWR))
            error = await #expect(throws: ControlClientError.self) { try await asked.value }
            #expect(error?.cause == cause)
        }
        listener.remove()
    }
}

extension ControlResponse.Content {
    fileprivate var requeued: [Int64]? {
        switch self {
        case .retried(let report), .reexplained(let report): report.ids
        default: nil
        }
    }
}
