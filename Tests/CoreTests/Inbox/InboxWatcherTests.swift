import Foundation
import Glibc
import Logging
import SystemPackage
import Testing

@testable import Core

@Suite("Inbox watcher", .timeLimit(.minutes(1))) struct InboxWatcherTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// - Parameter rescan: so long that a test which needs one would run into its limit.
    private func watcher(settle: Duration = .milliseconds(60), rescan: Duration = .seconds(600)) throws -> InboxWatcher
    {
        try InboxWatcher(
            inbox: Directory(folder.path), settle: settle, rescan: rescan,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func take(_ count: Int, from watcher: InboxWatcher) async throws -> Set<String> {
        var names: Set<String> = []
        for _ in 0..<count { names.insert(try #require(try await watcher.next()).text) }
        return names
    }

    @Test("what is there at the start is found") func present() async throws {
        try folder.write("x", to: "a.jpg")
        let watcher = try watcher()
        try await watcher.start()
        #expect(try await take(1, from: watcher) == ["a.jpg"])
    }

    @Test("written, renamed, linked and touched files are found") func arrivals() async throws {
        let outside = try TemporaryFolder()
        let watcher = try watcher()
        try await watcher.start()
        try folder.write("x", to: "written.jpg")
        try outside.write("x", to: "m")
        try #require(rename(outside.path.appending("m").string, folder.path.appending("moved.jpg").string) == 0)
        try outside.write("x", to: "l")
        try #require(link(outside.path.appending("l").string, folder.path.appending("linked.jpg").string) == 0)
        #expect(try await take(3, from: watcher) == ["written.jpg", "moved.jpg", "linked.jpg"])
    }

    @Test("a temporary name is left alone until it is renamed") func temporaryName() async throws {
        let watcher = try watcher()
        try await watcher.start()
        try folder.write("x", to: ".cat.jpg.Xy12")
        try folder.write("x", to: "other.jpg")
        #expect(try await take(1, from: watcher) == ["other.jpg"])
        try #require(
            rename(folder.path.appending(".cat.jpg.Xy12").string, folder.path.appending("cat.jpg").string) == 0)
        #expect(try await take(1, from: watcher) == ["cat.jpg"])
    }

    @Test("folders made, filled and moved in are followed") func folders() async throws {
        let outside = try TemporaryFolder()
        let watcher = try watcher()
        try await watcher.start()
        let deep = folder.path.appending("a/b/c").string
        try FileManager.default.createDirectory(atPath: deep, withIntermediateDirectories: true)
        try folder.write("x", to: "a/b/c/deep.jpg")
        try FileManager.default.createDirectory(
            atPath: outside.path.appending("batch").string, withIntermediateDirectories: false)
        try outside.write("x", to: "batch/one.jpg")
        try #require(rename(outside.path.appending("batch").string, folder.path.appending("batch").string) == 0)
        #expect(try await take(2, from: watcher) == ["a/b/c/deep.jpg", "batch/one.jpg"])
        try folder.write("x", to: "batch/two.jpg")
        #expect(try await take(1, from: watcher) == ["batch/two.jpg"])
    }

    @Test("a file that is still open for writing is not taken, whatever the clock says") func openWriter() async throws
    {
        let watcher = try watcher()
        try await watcher.start()
        let path = folder.path.appending("slow.jpg").string
        let descriptor = open(path, O_CREAT | O_WRONLY, 0o644)
        try #require(descriptor >= 0)
        try #require(Glibc.write(descriptor, "half", 4) == 4)
        try await Task.sleep(for: .milliseconds(300))
        try folder.write("x", to: "quick.jpg")
        #expect(try await take(1, from: watcher) == ["quick.jpg"])
        close(descriptor)
        #expect(try await take(1, from: watcher) == ["slow.jpg"])
    }

    @Test("symbolic links are never handed out") func links() async throws {
        let watcher = try watcher()
        try await watcher.start()
        try FileManager.default.createSymbolicLink(
            atPath: folder.path.appending("passwd.jpg").string, withDestinationPath: "/etc/passwd")
        try folder.write("x", to: "real.jpg")
        #expect(try await take(1, from: watcher) == ["real.jpg"])
        #expect(await watcher.settlingCount == 0)
    }

    @Test("names that are not UTF-8 come through byte for byte") func rawName() async throws {
        let watcher = try watcher()
        try await watcher.start()
        let name = try #require(FileName(bytes: [0xE9, 0x0A, 0xFF]))
        let directory = try Directory(folder.path)
        let descriptor = name.withPlatformString { openat(directory.descriptor, $0, O_CREAT | O_WRONLY, 0o644) }
        try #require(Glibc.write(descriptor, "x", 1) == 1)
        close(descriptor)
        #expect(try await watcher.next()?.name == name)
    }

    @Test("an inbox that is moved away ends the watch with a reason") func vanished() async throws {
        let watcher = try watcher()
        try await watcher.start()
        let gone = folder.path.string + "-gone"
        try #require(rename(folder.path.string, gone) == 0)
        await #expect(throws: InboxError.self) { try await watcher.next() }
        try FileManager.default.removeItem(atPath: gone)
    }

    @Test("cancelling ends the wait") func cancelling() async throws {
        let watcher = try watcher()
        try await watcher.start()
        let task = Task { try await watcher.next() }
        try await Task.sleep(for: .milliseconds(50))
        task.cancel()
        #expect(try await task.value == nil)
    }
}
