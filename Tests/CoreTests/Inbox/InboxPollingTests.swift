import Foundation
import Glibc
import SystemPackage
import Testing

@testable import Core

@Suite("Polling", .timeLimit(.minutes(3))) struct InboxPollingTests {
    @Test("without inotify files, folders and changes are found by looking") func polling() async throws {
        let running = try await RunningWatcher(watch: .poll, poll: .milliseconds(40)) { inbox in
            try Data("x".utf8).write(to: URL(filePath: inbox.appending("present.jpg").string))
        }
        #expect(try await running.take(1) == ["present.jpg"])
        try running.makeFolder("a/b")
        try running.write(to: "a/b/later.jpg")
        #expect(try await running.take(1) == ["a/b/later.jpg"])
        let snapshot = await running.watcher.snapshot
        #expect(snapshot.state == .polling(reason: "inbox.watch is poll"))
        #expect(snapshot.watches == 0)
        #expect(running.log.messages.contains { $0.contains("by looking every 0.04 s, since inbox.watch is poll") })
    }

    @Test("a file is whole after two equal looks, however short its quiet time is") func twoLooks() async throws {
        let running = try await RunningWatcher(settle: .zero, watch: .poll, poll: .seconds(600)) { inbox in
            try Data("x".utf8).write(to: URL(filePath: inbox.appending("a.jpg").string))
        }
        try await running.eventually { await running.watcher.snapshot.settling == 1 }
        guard case .settling(_, let needed) = await running.verdict(InboxFile(name: "a.jpg")) else {
            Issue.record("does not settle")
            return
        }
        #expect(needed == 600)
    }

    @Test("an inbox that is missing is found again") func missing() async throws {
        var limits = InboxLimits()
        limits.check = .milliseconds(20)
        limits.retry = .milliseconds(20)
        let running = try await RunningWatcher(watch: .poll, poll: .milliseconds(40), limits: limits)
        let elsewhere = running.root.path.appending("elsewhere").string
        try await running.eventually { access(running.path(".gradcamd"), F_OK) == 0 }
        try #require(rename(running.inbox.string, elsewhere) == 0)
        try await running.eventually { await running.watcher.missing != nil }
        try #require(rename(elsewhere, running.inbox.string) == 0)
        try running.write(to: "a.jpg")
        #expect(try await running.take(1) == ["a.jpg"])
    }

    @Test("network and user-space file systems are known by their numbers")
    func fileSystems() throws {
        // NFS_SUPER_MAGIC, SMB2_SUPER_MAGIC, CIFS_SUPER_MAGIC, FUSE_SUPER_MAGIC, V9FS_MAGIC, CEPH_SUPER_MAGIC.
        let network: [UInt32] = [0x6969, 0xFE53_4D42, 0xFF53_4D42, 0x6573_5546, 0x0102_1997, 0x00C3_6400]
        for type in network { #expect(FileSystemKind(magic: type).isRemote) }
        // EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC, BTRFS_SUPER_MAGIC, TMPFS_MAGIC, OVERLAYFS_SUPER_MAGIC.
        let local: [UInt32] = [0xEF53, 0x5846_5342, 0x9123_683E, 0x0102_1994, 0x794C_7630]
        for type in local { #expect(!FileSystemKind(magic: type).isRemote) }
        let here = try WatchWay(.auto, for: Directory("/dev/shm"))
        #expect(here.usesInotify && !here.polls)
    }

    @Test("what the server is asked for says the same as stat(2) of a local file") func statusFromServer() throws {
        let folder = try TemporaryFolder()
        try folder.write("four", to: "a.jpg")
        let directory = try Directory(folder.path)
        #expect(try WatchWay(.poll, for: directory).status(of: "a.jpg", in: directory) == directory.status(of: "a.jpg"))
        #expect(throws: Errno.noSuchFileOrDirectory) {
            try WatchWay(.poll, for: directory).status(of: "b.jpg", in: directory)
        }
    }
}
