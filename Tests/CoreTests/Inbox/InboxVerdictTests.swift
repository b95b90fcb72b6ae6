import Foundation
import SystemPackage
import Testing

@testable import Core

@Suite("Verdicts", .timeLimit(.minutes(3))) struct InboxVerdictTests {
    @Test("a file settles, then it is ready, then it is gone") func life() async throws {
        let slow = try await RunningWatcher(settle: .seconds(600))
        let file = InboxFile(name: "a.jpg")
        #expect(await slow.verdict(file) == .absent)
        try slow.write(to: "a.jpg")
        _ = try await slow.barrier()
        guard case .settling(let quiet, let needed) = await slow.verdict(file) else {
            Issue.record("does not settle")
            return
        }
        #expect(quiet >= 0 && abs(needed - 600) < 1e-9)
        let running = try await RunningWatcher()
        try running.write(to: "a.jpg")
        try await running.eventually { await running.verdict(file) == .ready(position: 1) }
        #expect(try await running.take(1) == ["a.jpg"])
        #expect(await running.verdict(file) == .absent)
    }

    @Test("names say why they are ignored, their folders' too") func ignored() async throws {
        let running = try await RunningWatcher()
        try running.write(to: "cat.jpg.part")
        try running.makeFolder("__MACOSX")
        try running.write(to: "__MACOSX/cat.jpg")
        #expect(await running.verdict(InboxFile(name: "cat.jpg.part")) == .ignored(pattern: "*.part"))
        let inside = InboxFile(folders: ["__MACOSX"], name: "cat.jpg")
        #expect(await running.verdict(inside) == .ignored(pattern: "__MACOSX/"))
        #expect(await running.verdict(InboxFile(name: "dog.jpg.part")) == .absent)
    }

    @Test("of files that are ignored for more than an hour, the number and the first names are told") func ignoredLong()
        async throws
    {
        var limits = InboxLimits()
        limits.ignored = .zero
        let running = try await RunningWatcher(limits: limits) { inbox in
            for index in 10..<40 {
                try Data("x".utf8).write(to: URL(filePath: inbox.appending("\(index).part").string))
            }
        }
        _ = try await running.barrier()
        let ignored = await running.watcher.snapshot.ignored
        #expect(ignored.count == 30 && ignored.first == (10..<30).map { "\($0).part" })
        let young = try await RunningWatcher()
        try young.write(to: "x.part")
        _ = try await young.barrier()
        #expect(await young.watcher.snapshot.ignored.count == 0)
    }

    @Test(
        "sentences are for people",
        arguments: [
            (.settling(quiet: 0.8, needed: 1.5), "it settles: 0.8 of 1.5 s without a change"),
            (.ignored(pattern: "*.part"), "it is ignored: its name is *.part"),
            (.ignored(pattern: "@eaDir/"), "it is ignored: it lies in a folder called @eaDir"),
            (
                .unreadable(mode: 0o600, owner: 1003),
                """
                it cannot be read: mode 0600, owner 1003: give the daemon's group read access (chmod g+r, of a folder \
                g+rx)
                """
            ),
            (
                .incomplete(.cut(.jpeg), waits: 41.2),
                """
                it is cut off: the JPEG file ends before the picture does; if nothing more comes it is taken as it is \
                in 42 s
                """
            ),
        ] as [(InboxVerdict, String)])
    func sentences(verdict: InboxVerdict, sentence: String) { #expect(verdict.sentence == sentence) }

    @Test("they come through JSON") func coding() throws {
        let verdicts: [InboxVerdict] = [
            .absent, .incomplete(.cut(.png), waits: 3), .incomplete(.empty, waits: 1), .ready(position: 2),
            .unreadable(mode: 0o600, owner: 7),
        ]
        let data = try JSONEncoder().encode(verdicts)
        #expect(try JSONDecoder().decode([InboxVerdict].self, from: data) == verdicts)
    }
}
