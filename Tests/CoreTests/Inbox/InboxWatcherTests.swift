import Foundation
import Glibc
import SystemPackage
import Testing

@testable import Core

@Suite("Inbox watcher", .timeLimit(.minutes(3))) struct InboxWatcherTests {
    @Test("what is there at the start is found") func present() async throws {
        let running = try await RunningWatcher { inbox in
            try Data("x".utf8).write(to: URL(filePath: inbox.appending("a.jpg").string))
        }
        #expect(try await running.take(1) == ["a.jpg"])
    }

    @Test("written, renamed, linked and touched files are found") func arrivals() async throws {
        let running = try await RunningWatcher()
        try running.write(to: "written.jpg")
        try running.root.write("x", to: "m")
        try #require(rename(running.root.path.appending("m").string, running.path("moved.jpg")) == 0)
        try running.root.write("x", to: "l")
        try #require(link(running.root.path.appending("l").string, running.path("linked.jpg")) == 0)
        #expect(try await running.take(3) == ["written.jpg", "moved.jpg", "linked.jpg"])
    }

    @Test("a temporary name is left alone until it is renamed") func temporaryName() async throws {
        let running = try await RunningWatcher()
        try running.write(to: ".cat.jpg.Xy12")
        try running.write(to: "other.jpg")
        #expect(try await running.take(1) == ["other.jpg"])
        try #require(rename(running.path(".cat.jpg.Xy12"), running.path("cat.jpg")) == 0)
        #expect(try await running.take(1) == ["cat.jpg"])
    }

    @Test("other times take effect at once: for what settles, and for the next look through the inbox")
    func otherTimes() async throws {
        let running = try await RunningWatcher(settle: .seconds(3_600), rescan: .seconds(3_600))
        try running.write(to: "a.jpg")
        try await running.eventually { await running.watcher.snapshot.settling == 1 }
        await running.watcher.apply(
            Settings.Inbox(
                settle: .milliseconds(20), rescan: .seconds(1), watch: .inotify, poll: .seconds(600),
                truncated: .zero, statusFile: false))
        #expect(try await running.take(1) == ["a.jpg"])
        let scans = await running.watcher.completedScan
        try await running.eventually { await running.watcher.completedScan > scans }
    }

    @Test("files become ready while nobody takes them, and no more than there is room for") func ahead() async throws {
        var limits = InboxLimits()
        limits.ready = 3
        let running = try await RunningWatcher(limits: limits)
        for index in 0..<10 { try running.write(to: "\(index).jpg") }
        try await running.eventually { await running.watcher.snapshot.ready == 3 }
        #expect(await running.watcher.snapshot.settling == 7)
        #expect(try await running.take(10).count == 10)
    }

    @Test("a file that changed while it waited in line settles once more") func changedInLine() async throws {
        // A watch that tells nothing: the check when it is handed out must see it.
        let running = try await RunningWatcher(watch: .poll, poll: .milliseconds(20))
        try running.write(to: "a.jpg")
        try await running.eventually { await running.watcher.snapshot.ready == 1 }
        try running.write("more", to: "a.jpg")
        let ready = try #require(await running.watcher.next())
        let settled = try await running.watcher.directory.status(of: ready.file.name)
        #expect(settled.size == 4)
        #expect(ready.file.text == "a.jpg")
    }

    @Test("a file that is still open for writing is not taken, whatever the clock says") func openWriter() async throws
    {
        let running = try await RunningWatcher()
        let descriptor = open(running.path("slow.jpg"), O_CREAT | O_WRONLY, 0o644)
        try #require(descriptor >= 0)
        try #require(Glibc.write(descriptor, "half", 4) == 4)
        try await running.eventually { await running.watcher.snapshot.openForWriting == 1 }
        #expect(await running.verdict(InboxFile(name: "slow.jpg")) == .openForWriting)
        try running.write(to: "quick.jpg")
        #expect(try await running.take(1) == ["quick.jpg"])
        close(descriptor)
        #expect(try await running.take(1) == ["slow.jpg"])
    }

    @Test("nor is one that a program goes on writing through a mapping, after it closed it") func mappedWriter()
        async throws
    {
        let running = try await RunningWatcher()
        let descriptor = open(running.path("mapped.jpg"), O_CREAT | O_RDWR, 0o644)
        try #require(Glibc.write(descriptor, "half", 4) == 4)
        let memory = try #require(mmap(nil, 4, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0))
        try #require(memory != MAP_FAILED)
        close(descriptor)
        try await running.eventually { await running.watcher.snapshot.openForWriting == 1 }
        #expect(await running.watcher.snapshot.ready == 0)
        memory.storeBytes(of: UInt8(ascii: "w"), as: UInt8.self)
        munmap(memory, 4)
        #expect(try await running.take(1) == ["mapped.jpg"])
    }

    @Test("links, FIFOs and sockets are never handed out, and reported") func special() async throws {
        let running = try await RunningWatcher()
        try FileManager.default.createSymbolicLink(
            atPath: running.path("passwd.jpg"), withDestinationPath: "/etc/passwd")
        try #require(mkfifo(running.path("pipe.jpg"), 0o644) == 0)
        try running.write(to: "real.jpg")
        #expect(try await running.take(1) == ["real.jpg"])
        let snapshot = await running.watcher.snapshot
        #expect(snapshot.settling == 0 && snapshot.ready == 0)
        #expect(snapshot.special == .init(count: 2, first: ["passwd.jpg", "pipe.jpg"]))
        #expect(await running.verdict(InboxFile(name: "passwd.jpg")) == .symbolicLink)
        #expect(await running.verdict(InboxFile(name: "pipe.jpg")) == .notRegular(kind: "a FIFO"))
        #expect(running.log.messages.contains { $0.contains("pipe.jpg stays in the inbox: it is a FIFO") })
    }

    @Test("names that are not UTF-8, or hold line breaks, come through byte for byte") func rawName() async throws {
        let running = try await RunningWatcher()
        let name = try #require(FileName(bytes: [0xE9, 0x0A, 0xFF]))
        try Directory(running.inbox).makeEmptyFile(name)
        let directory = try Directory(running.inbox)
        let descriptor = name.withPlatformString { openat(directory.descriptor, $0, O_WRONLY) }
        try #require(Glibc.write(descriptor, "x", 1) == 1)
        close(descriptor)
        #expect(try await running.take().name == name)
    }

    @Test("a file that could not be claimed comes again") func putBack() async throws {
        let running = try await RunningWatcher()
        try running.write(to: "a.jpg")
        let ready = try #require(await running.watcher.next())
        #expect(await running.verdict(ready.file) == .handedOut)
        await running.watcher.putBack(ready)
        #expect(try await running.take(1) == ["a.jpg"])
    }

    @Test("cancelling ends the wait; so does the end of the watcher") func cancelling() async throws {
        let running = try await RunningWatcher()
        let watcher = running.watcher
        let task = Task { await watcher.next() }
        try await Task.sleep(for: .milliseconds(20))
        task.cancel()
        #expect(await task.value == nil)
        let other = Task { await watcher.next() }
        await running.stop()
        #expect(await other.value == nil)
        #expect(await watcher.next() == nil)
    }

    /// Root may read everything.
    @Test("a file that may not be read is reported, and ready when its mode changes", .enabled(if: geteuid() != 0))
    func unreadable() async throws {
        let running = try await RunningWatcher()
        try running.write(to: "outside")
        try #require(chmod(running.path("outside"), 0) == 0)
        try #require(rename(running.path("outside"), running.path("secret.jpg")) == 0)
        try running.makeFolder("closed")
        try running.write(to: "closed/in.jpg")
        try #require(chmod(running.path("closed"), 0) == 0)
        await running.watcher.rescan()
        try await running.eventually { await running.watcher.snapshot.unreadable.count == 2 }
        #expect(await running.watcher.snapshot.unreadable.first == ["closed", "secret.jpg"])
        #expect(await running.verdict(InboxFile(name: "secret.jpg")) == .unreadable(mode: 0, owner: geteuid()))
        try #require(chmod(running.path("secret.jpg"), 0o640) == 0)
        try #require(chmod(running.path("closed"), 0o750) == 0)
        #expect(try await running.take(2) == ["secret.jpg", "closed/in.jpg"])
        #expect(await running.watcher.snapshot.unreadable.count == 0)
    }
}
