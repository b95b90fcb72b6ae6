import Foundation
import Glibc
import Testing

/// What the service manager hears, from the first moment of the service to its last; and what a stop at any moment does.
@Suite("Notifications", .timeLimit(.minutes(3))) struct NotificationTests {
    private func started(_ settings: String...) async throws -> (RunningDaemon, NotifySocket) {
        let daemon = try RunningDaemon(
            model: RunningDaemon.fixture("swish-scripted.pt"), settings: settings + ["policy.duplicates=explain"])
        let socket = try NotifySocket(in: daemon.root)
        // To be heard of every 0.1 s.
        try daemon.start(environment: ["NOTIFY_SOCKET": socket.path, "WATCHDOG_USEC": "200000"])
        try await daemon.until("it is ready") { socket.lines.contains("READY=1") }
        return (daemon, socket)
    }

    private func monotonic() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1_000
    }

    @Test("more time while the model loads, ready when it watches, counts, and the end") func life() async throws {
        let (daemon, socket) = try await started()
        #expect(daemon.messages.contains("watching "))
        let ready = try #require(socket.lines.firstIndex(of: "READY=1"))
        #expect(socket.lines[..<ready].contains("EXTEND_TIMEOUT_USEC=20000000"))
        #expect(socket.lines[..<ready].contains { $0.hasPrefix("STATUS=loading ") && $0.hasSuffix(" for 0 s") })
        #expect(!socket.lines[..<ready].contains("WATCHDOG=1"))

        try Data("Dear radiologist,\n".utf8).write(to: daemon.root.appending(path: "inbox/letter\nSTOPPING=1.jpg"))
        try daemon.drop("grey.jpg", as: "a.jpg")
        try await daemon.until("both have ended") {
            socket.lines("STATUS=1 done, 1 failed, 0 in work; 2/min; last error ").first?
                .contains("letter\u{FFFD}STOPPING=1.jpg: The file is not a picture") == true
        }
        #expect(!socket.lines.contains("STOPPING=1"))
        #expect(try await daemon.ask("pause", "--reason", "maintenance").status == 0)
        try daemon.drop("grey.jpg", as: "b.jpg")
        // Nothing else than the watchdog's period brings this one.
        try await daemon.until("one waits") {
            !socket.lines("STATUS=1 done, 1 failed, 0 in work, 1 in the inbox; paused: maintenance; ").isEmpty
        }
        daemon.signal(SIGTERM)
        #expect(try await daemon.wait() == 0)
        #expect(Array(socket.lines.suffix(2)) == ["STOPPING=1", "STATUS=finishing what is in work"])
    }

    @Test("a reload is announced with the time, and its end, whether it was refused or not", arguments: [true, false])
    func reload(isGood: Bool) async throws {
        let (daemon, socket) = try await started()
        try daemon.configure(
            model: RunningDaemon.fixture("small-free-size.pt"), isGood ? "" : "workers: {count: many}")
        let (before, heard) = (monotonic(), socket.lines.count)
        #expect(try await daemon.ask("reload").status == (isGood ? 0 : 78))
        let after = monotonic()
        // That was before the command returned, and only has to be heard.
        try await daemon.until("the end is announced") { socket.lines.dropFirst(heard).contains("READY=1") }
        let lines = socket.lines.dropFirst(heard)
        let begin = try #require(lines.firstIndex(of: "RELOADING=1"))
        let time = try #require(UInt64(lines[begin + 1].dropFirst("MONOTONIC_USEC=".count)))
        #expect((before...after).contains(time))
        let end = try #require(lines.lastIndex(of: "READY=1"))
        #expect(end > begin)
        if isGood {
            #expect(lines[begin..<end].contains("EXTEND_TIMEOUT_USEC=20000000"))
            #expect(lines[begin..<end].contains { $0.contains("; reloading: loading /") })
        }
        #expect(lines[end + 1] == "STATUS=0 done, 0 failed, 0 in work")
    }

    @Test("the watchdog is fed while all is well, not while the service stands still, and again when it goes on")
    func watchdog() async throws {
        let (daemon, socket) = try await started()
        try await daemon.until("it is fed") { socket.lines("WATCHDOG=1").count > 2 }
        daemon.signal(SIGSTOP)
        let heard = socket.lines("WATCHDOG=1").count
        try await Task.sleep(for: .milliseconds(500))
        #expect(socket.lines("WATCHDOG=1").count <= heard + 1)
        daemon.signal(SIGCONT)
        try await daemon.until("it is fed again") { socket.lines("WATCHDOG=1").count > heard + 2 }
    }

    // MARK: - A stop at any moment

    @Test("while the model loads: a clean end, and no run") func stopWhileLoading() async throws {
        let daemon = try RunningDaemon(model: RunningDaemon.fixture("resnet18.pt"))
        try daemon.start()
        try await daemon.until("the worker begins to load") { try !daemon.workers().isEmpty }
        for worker in try daemon.workers() { kill(worker, SIGSTOP) }
        daemon.signal(SIGTERM)
        #expect(try await daemon.wait() == 0)
        #expect(daemon.messages.contains("stopped before the model was loaded"))
        #expect(try await daemon.query("SELECT count(*) FROM run") == ["0"])
    }

    @Test("at the very moment when it begins to watch: a clean end, and the run is closed", arguments: 0..<5)
    func stopWhenWatching(_: Int) async throws {
        let daemon = try RunningDaemon(model: RunningDaemon.fixture("swish-scripted.pt"))
        try daemon.start()
        while !daemon.messages.contains("watching ") { try await Task.sleep(for: .milliseconds(1)) }
        daemon.signal(SIGTERM)
        #expect(try await daemon.wait() == 0)
        #expect(try await daemon.query("SELECT exit_reason FROM run") == ["stopped"])
    }
}
