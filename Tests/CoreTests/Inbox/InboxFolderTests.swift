import Foundation
import Glibc
import SystemPackage
import Testing

@testable import Core

@Suite("Folders in the inbox", .timeLimit(.minutes(3))) struct InboxFolderTests {
    @Test("folders made, filled and moved in are followed") func folders() async throws {
        let running = try await RunningWatcher()
        try running.makeFolder("a/b/c")
        try running.write(to: "a/b/c/deep.jpg")
        let batch = running.root.path.appending("batch").string
        try FileManager.default.createDirectory(atPath: batch, withIntermediateDirectories: false)
        try running.root.write("x", to: "batch/one.jpg")
        try #require(rename(batch, running.path("batch")) == 0)
        #expect(try await running.take(2) == ["a/b/c/deep.jpg", "batch/one.jpg"])
        try running.write(to: "batch/two.jpg")
        #expect(try await running.take(1) == ["batch/two.jpg"])
    }

    @Test("no file of a burst of new folders is missed") func burst() async throws {
        let running = try await RunningWatcher()
        var names: Set<String> = []
        for index in 0..<100 {
            try running.makeFolder("\(index)/b/c")
            try running.write(to: "\(index)/b/c/x.jpg")
            names.insert("\(index)/b/c/x.jpg")
        }
        #expect(try await running.take(100) == names)
    }

    @Test("after a folder is renamed its files come under its new name, old ones and new ones") func renamed()
        async throws
    {
        let running = try await RunningWatcher(settle: .milliseconds(200))
        try running.makeFolder("old/sub")
        try running.write(to: "old/sub/before.jpg")
        _ = try await running.barrier()
        try #require(rename(running.path("old"), running.path("new")) == 0)
        #expect(try await running.take(1) == ["new/sub/before.jpg"])
        try running.write(to: "new/sub/after.jpg")
        #expect(try await running.take(1) == ["new/sub/after.jpg"])
    }

    @Test("a folder that left the inbox is not watched any more") func left() async throws {
        let running = try await RunningWatcher()
        try running.makeFolder("a/b")
        try running.write(to: "a/b/x.jpg")
        #expect(try await running.take(1) == ["a/b/x.jpg"])
        #expect(await running.watcher.snapshot.watches == 3)
        try #require(rename(running.path("a"), running.root.path.appending("gone").string) == 0)
        _ = try await running.barrier()
        #expect(await running.watcher.snapshot.watches == 1)
    }

    @Test("folders more than 32 deep are reported and left alone") func tooDeep() async throws {
        let running = try await RunningWatcher()
        let deep = Array(repeating: "d", count: 32).joined(separator: "/")
        try running.makeFolder(deep + "/too-deep")
        try running.write(to: deep + "/too-deep/x.jpg")
        try running.write(to: deep + "/y.jpg")
        #expect(try await running.take(1) == [deep + "/y.jpg"])
        try await running.eventually { await running.watcher.snapshot.tooDeep.count == 1 }
        let folders: [FileName] = Array(repeating: "d", count: 32)
        #expect(
            await running.verdict(InboxFile(folders: folders + ["too-deep"], name: "x.jpg")) == .tooDeep(limit: 32))
    }

    @Test("a symbolic link to a folder is not followed") func linkToFolder() async throws {
        let running = try await RunningWatcher()
        let outside = running.root.path.appending("outside").string
        try FileManager.default.createDirectory(atPath: outside, withIntermediateDirectories: false)
        try running.root.write("x", to: "outside/x.jpg")
        try FileManager.default.createSymbolicLink(atPath: running.path("link"), withDestinationPath: outside)
        try running.write(to: "real.jpg")
        #expect(try await running.take(1) == ["real.jpg"])
        await running.watcher.rescan()
        _ = try await running.barrier()
        #expect(await running.watcher.snapshot.settling == 0)
        #expect(await running.verdict(InboxFile(folders: ["link"], name: "x.jpg")) == .symbolicLink)
    }

    @Test("folders without a watch are looked at every few seconds, with one warning that names the sysctl")
    func withoutWatches() async throws {
        var limits = InboxLimits()
        limits.watches = 2
        let running = try await RunningWatcher(poll: .milliseconds(50), limits: limits) { inbox in
            for name in ["a", "b", "c"] { try #require(mkdir(inbox.appending(name).string, 0o770) == 0) }
        }
        try await running.eventually { await running.watcher.snapshot.unwatchedFolders == 2 }
        for name in ["a", "b", "c"] { try running.write(to: "\(name)/x.jpg") }
        #expect(try await running.take(3) == ["a/x.jpg", "b/x.jpg", "c/x.jpg"])
        let warnings = running.log.messages.filter { $0.contains("fs.inotify.max_user_watches, which is ") }
        #expect(warnings.count == 1)
    }
}
