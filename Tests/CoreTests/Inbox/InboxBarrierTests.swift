import Foundation
import Glibc
import SystemPackage
import Testing

@testable import Core

@Suite("Barriers", .timeLimit(.minutes(3))) struct InboxBarrierTests {
    private var small: InboxLimits {
        var limits = InboxLimits()
        limits.known = 20
        limits.ready = 4
        return limits
    }

    @Test("what was dropped before is known when it returns, and passed when it is taken") func passed() async throws {
        let running = try await RunningWatcher(settle: .milliseconds(20))
        try running.makeFolder("a/b")
        for index in 0..<50 { try running.write(to: "a/b/\(index).jpg") }
        let barrier = try await running.watcher.barrier()
        #expect(await running.watcher.isPassed(barrier) == false)
        for _ in 0..<49 { _ = try await running.take() }
        #expect(await running.watcher.isPassed(barrier) == false)
        let last = try #require(await running.watcher.next())
        // Handed out, and without a row.
        #expect(await running.watcher.isPassed(barrier) == false)
        await running.watcher.taken(last)
        try await running.eventually { await running.watcher.isPassed(barrier) }
        #expect(try running.root.names(in: "inbox").contains { $0.contains("cookie") } == false)
    }

    @Test("what comes later is not waited for") func later() async throws {
        let running = try await RunningWatcher(settle: .milliseconds(20))
        let barrier = try await running.barrier()
        try running.write(to: "later.jpg")
        _ = try await running.barrier()
        try await running.eventually { await running.watcher.isPassed(barrier) }
        #expect(try await running.take(1) == ["later.jpg"])
    }

    @Test("files that are left out for want of room are waited for, too") func leftOut() async throws {
        let running = try await RunningWatcher(settle: .milliseconds(2), limits: small)
        for index in 0..<200 { try running.write(to: "\(index).jpg") }
        let barrier = try await running.watcher.barrier()
        for _ in 0..<199 {
            _ = try await running.take()
            #expect(await running.watcher.isPassed(barrier) == false)
        }
        _ = try await running.take()
        try await running.eventually { await running.watcher.isPassed(barrier) }
    }

    @Test("so are those at the start, and those of a polled inbox", arguments: [WatchMode.inotify, .poll])
    func scanned(watch: WatchMode) async throws {
        let running = try await RunningWatcher(
            settle: .milliseconds(2), watch: watch, poll: .milliseconds(30), limits: small
        ) { inbox in
            for index in 0..<100 {
                try Data("x".utf8).write(to: URL(filePath: inbox.appending("\(index).jpg").string))
            }
        }
        let barrier = try await running.watcher.barrier()
        for _ in 0..<99 {
            _ = try await running.take()
            #expect(await running.watcher.isPassed(barrier) == false)
        }
        _ = try await running.take()
        try await running.eventually { await running.watcher.isPassed(barrier) }
    }

    @Test("files that wait for a reason of their own are listed, not waited for") func held() async throws {
        let running = try await RunningWatcher(settle: .milliseconds(20))
        let descriptor = open(running.path("open.jpg"), O_CREAT | O_WRONLY, 0o644)
        defer { close(descriptor) }
        try #require(Glibc.write(descriptor, "half", 4) == 4)
        try running.write("", to: "empty.jpg")
        try running.write(to: "cat.jpg.part")
        let barrier = try await running.barrier()
        try await running.eventually { await running.watcher.isPassed(barrier) }
        let held = await running.watcher.held(by: barrier)
        #expect(held.map(\.file.text) == ["cat.jpg.part", "empty.jpg", "open.jpg"])
        #expect(held.first?.verdict == .ignored(pattern: "*.part"))
        guard case .incomplete(.empty, _) = held[1].verdict else {
            Issue.record("\(held[1].verdict)")
            return
        }
        #expect(held.last?.verdict == .openForWriting)
    }

    @Test("cookies of a run that died are removed") func staleCookies() async throws {
        let running = try await RunningWatcher { inbox in
            try Data().write(to: URL(filePath: inbox.appending(".gradcamd-cookie-1").string))
        }
        _ = try await running.barrier()
        #expect(try running.root.names(in: "inbox") == [".gradcamd"])
    }

    @Test("cancelling ends the wait; so does the end of the watcher") func cancelled() async throws {
        let running = try await RunningWatcher()
        let watcher = running.watcher
        _ = try await running.barrier()
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await watcher.barrier()
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        await running.stop()
        await #expect(throws: CancellationError.self) { try await watcher.barrier() }
    }
}
