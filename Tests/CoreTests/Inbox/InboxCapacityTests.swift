import Foundation
import Glibc
import SystemPackage
import Testing

@testable import Core

@Suite("More than there is room for", .timeLimit(.minutes(3))) struct InboxCapacityTests {
    private var small: InboxLimits {
        var limits = InboxLimits()
        limits.known = 20
        limits.ready = 4
        return limits
    }

    @Test("of many files a few are kept in memory, and all come in the end") func manyAtStart() async throws {
        let running = try await RunningWatcher(settle: .milliseconds(5), limits: small) { inbox in
            for index in 0..<300 {
                try Data("x".utf8).write(to: URL(filePath: inbox.appending("\(index).jpg").string))
            }
        }
        try await running.eventually { await running.watcher.snapshot.isLeftOut }
        let snapshot = await running.watcher.snapshot
        #expect(snapshot.settling <= 20 && snapshot.ready <= 4)
        #expect(try await running.take(300).count == 300)
    }

    @Test("so do those that arrive while there is no room") func manyLater() async throws {
        let running = try await RunningWatcher(settle: .milliseconds(5), limits: small)
        for index in 0..<300 { try running.write(to: "\(index).jpg") }
        try await running.eventually { await running.watcher.snapshot.isLeftOut }
        #expect(try await running.take(300).count == 300)
        try await running.eventually { await running.watcher.snapshot.isLeftOut == false }
    }

    @Test("what the kernel dropped is found by a scan") func overflow() async throws {
        let text = try String(contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)
        let queue = try #require(Int(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        let running = try await RunningWatcher()
        _ = try await running.barrier()
        // While the watcher's thread stands still, the queue runs over, and a file comes of which nobody tells.
        try await running.watcher.block {
            let first = open(running.path("first.jpg"), O_CREAT | O_WRONLY, 0o644)
            let second = open(running.path("second.part"), O_CREAT | O_WRONLY, 0o644)
            // The kernel joins equal events that follow each other: alternate.
            for index in 0...queue { futimens(index % 2 == 0 ? first : second, nil) }
            close(second)
            close(first)
            try running.write(to: "untold.jpg")
        }
        // `first.jpg` is empty and waits for more.
        #expect(try await running.take(1) == ["untold.jpg"])
        #expect(await running.watcher.snapshot.overflows > 0)
    }
}

extension InboxWatcher {
    func block(_ body: @Sendable () throws -> Void) rethrows { try body() }
}
