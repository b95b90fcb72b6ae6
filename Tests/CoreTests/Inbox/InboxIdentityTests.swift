import Foundation
import Glibc
import SystemPackage
import Testing

@testable import Core

@Suite("The inbox itself", .timeLimit(.minutes(3))) struct InboxIdentityTests {
    private var quick: InboxLimits {
        var limits = InboxLimits()
        limits.check = .milliseconds(20)
        limits.retry = .milliseconds(20)
        return limits
    }

    private func content(_ path: FilePath) throws -> String {
        try String(contentsOfFile: path.appending(".gradcamd").string, encoding: .utf8)
    }

    private func waitUntilMissing(_ running: RunningWatcher) async throws {
        try await running.eventually {
            if case .missing = await running.watcher.snapshot.state { true } else { false }
        }
    }

    private func waitUntilBack(_ running: RunningWatcher) async throws {
        try await running.eventually { await running.watcher.snapshot.state == .watching }
    }

    @Test("a start writes the marker, and leaves its own alone") func marker() async throws {
        let running = try await RunningWatcher(id: "one")
        _ = try await running.barrier()
        #expect(try content(running.inbox) == "one\n")
        let before = try Directory(running.inbox).status(of: ".gradcamd")
        await running.stop()
        let marker = InboxMarker(id: "one")
        #expect(try marker.presence(in: Directory(running.inbox)) == .present)
        #expect(try InboxMarker(id: "two").presence(in: Directory(running.inbox)) == .other("one"))
        #expect(try Directory(running.inbox).status(of: ".gradcamd") == before)
    }

    @Test("a start takes a folder over that was another service's, and says so") func takenOver() async throws {
        let running = try await RunningWatcher(id: "two") { inbox in
            try InboxMarker(id: "one").write(in: Directory(inbox))
        }
        _ = try await running.barrier()
        #expect(try content(running.inbox) == "two\n")
        #expect(running.log.messages.contains { $0.hasPrefix("warning:") && $0.contains("was the inbox of one") })
    }

    @Test("a marker that is a link or a FIFO is replaced, not followed") func hostileMarker() async throws {
        let outside = try TemporaryFolder()
        try outside.write("untouched", to: "target")
        let running = try await RunningWatcher { inbox in
            try FileManager.default.createSymbolicLink(
                atPath: inbox.appending(".gradcamd").string,
                withDestinationPath: outside.path.appending("target").string)
        }
        _ = try await running.barrier()
        #expect(try Directory(running.inbox).status(of: ".gradcamd").kind == .regular)
        #expect(try String(contentsOfFile: outside.path.appending("target").string, encoding: .utf8) == "untouched")
    }

    @Test("moved away: nothing is taken; back again: it goes on by itself") func movedAway() async throws {
        let running = try await RunningWatcher(limits: quick)
        _ = try await running.barrier()
        let elsewhere = running.root.path.appending("elsewhere").string
        try #require(rename(running.inbox.string, elsewhere) == 0)
        try await waitUntilMissing(running)
        try running.root.write("x", to: "elsewhere/meanwhile.jpg")
        guard case .inboxMissing(let reason) = await running.verdict(InboxFile(name: "x.jpg")) else {
            Issue.record("not missing")
            return
        }
        #expect(reason.contains("it is gone"))
        await #expect(throws: InboxError.self) { try await running.watcher.barrier() }
        try #require(rename(elsewhere, running.inbox.string) == 0)
        #expect(try await running.take(1) == ["meanwhile.jpg"])
        try running.write(to: "afterwards.jpg")
        #expect(try await running.take(1) == ["afterwards.jpg"])
        let lines = running.log.messages
        #expect(lines.filter { $0.hasPrefix("error:") && $0.contains("is missing") }.count == 1)
        #expect(lines.filter { $0.hasPrefix("notice:") && $0.contains("is back") }.count == 1)
    }

    @Test("another folder in its place is not used, whatever lies in it") func replaced() async throws {
        let running = try await RunningWatcher(limits: quick)
        _ = try await running.barrier()
        let right = running.root.path.appending("right").string
        try #require(rename(running.inbox.string, right) == 0)
        try #require(mkdir(running.inbox.string, 0o770) == 0)
        try running.write(to: "foreign.jpg")
        try await running.eventually {
            guard case .missing(let reason) = await running.watcher.snapshot.state else { return false }
            return reason.contains("lacks our mark") && reason.contains("restart the service")
        }
        // Many looks later it still lies there.
        try await Task.sleep(for: .milliseconds(200))
        #expect(await running.watcher.snapshot.ready == 0)
        #expect(try running.root.names(in: "inbox") == ["foreign.jpg"])
        // Swapped for the right one.
        try #require(rename(running.inbox.string, running.root.path.appending("wrong").string) == 0)
        try #require(rename(right, running.inbox.string) == 0)
        try await waitUntilBack(running)
        try running.write(to: "ours.jpg")
        #expect(try await running.take(1) == ["ours.jpg"])
    }

    @Test("a file system mounted over it is noticed", .enabled(if: geteuid() == 0)) func mountedOver() async throws {
        let running = try await RunningWatcher(limits: quick)
        _ = try await running.barrier()
        try #require(mount("none", running.inbox.string, "tmpfs", 0, nil) == 0)
        defer { umount2(running.inbox.string, Int32(MNT_DETACH)) }
        try running.write(to: "foreign.jpg")
        try await waitUntilMissing(running)
        try await Task.sleep(for: .milliseconds(100))
        #expect(try running.root.names(in: "inbox") == ["foreign.jpg"])
        try #require(umount2(running.inbox.string, 0) == 0)
        try await waitUntilBack(running)
        try running.write(to: "ours.jpg")
        #expect(try await running.take(1) == ["ours.jpg"])
    }

    @Test("without its marker it is not ours any more") func markerRemoved() async throws {
        var limits = quick
        // The event tells, not the next look.
        limits.check = .seconds(600)
        let running = try await RunningWatcher(limits: limits)
        _ = try await running.barrier()
        try #require(unlink(running.path(".gradcamd")) == 0)
        try await waitUntilMissing(running)
        try InboxMarker(id: "test").write(in: Directory(running.inbox))
        try await waitUntilBack(running)
    }

    @Test("files known before it went missing are forgotten") func forgotten() async throws {
        let running = try await RunningWatcher(settle: .seconds(600), limits: quick)
        try running.write(to: "settles.jpg")
        _ = try await running.barrier()
        #expect(await running.watcher.snapshot.settling == 1)
        try #require(rename(running.inbox.string, running.root.path.appending("elsewhere").string) == 0)
        try await waitUntilMissing(running)
        let snapshot = await running.watcher.snapshot
        #expect(snapshot.settling == 0 && snapshot.ready == 0 && snapshot.watches == 0)
    }
}
