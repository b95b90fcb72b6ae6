import Foundation
import GRDB
import SystemPackage
import Testing

@testable import Core

@Suite("Log follower") struct LogFollowerTests {
    private let folder: TemporaryFolder
    private let log: LogRows

    init() throws {
        folder = try TemporaryFolder()
        log = try LogRows(in: folder)
    }

    private func follower(limit: Int = 10, _ change: (inout LogReader.Filter) -> Void = { _ in }) -> LogFollower {
        var filter = LogReader.Filter(limit: limit)
        change(&filter)
        return LogFollower(path: log.path, filter: filter)
    }

    /// "name state" of what a look shows; `nil` where nothing was written.
    private func shown(_ look: LogFollower.Look) -> [String]? {
        guard case .entries(let entries) = look else { return nil }
        return entries.map { entry in
            guard case .text(let name) = entry["name"], case .text(let state) = entry["state"] else { return "?" }
            return "\(name) \(state)"
        }
    }

    private func claim(_ name: String) throws -> Int64 { try log.claim(name, at: Timestamp.now.text) }

    @Test("the newest rows come first, then each as it ends, once") func ends() throws {
        for name in ["a", "b", "c"] { try log.done(name, at: Timestamp.now.text) }
        let open = try claim("open")
        let follower = follower(limit: 2)
        #expect(try shown(follower.look()) == ["b done", "c done"])
        #expect(try shown(follower.look()) == nil)
        let later = try claim("later")
        #expect(try shown(follower.look()) == [])
        try log.store.complete(later, Samples.explanation(), overlays: [])
        #expect(try shown(follower.look()) == ["later done"])
        // One that was open before the first look, and ends after younger ones.
        try log.store.complete(open, Samples.explanation(), overlays: [])
        #expect(try shown(follower.look()) == ["open done"])
        #expect(try shown(follower.look()) == nil)
    }

    @Test("an image that begins to wait is shown, and again when it ends") func waits() throws {
        let follower = follower()
        #expect(try shown(follower.look()) == [])
        let id = try claim("a")
        try log.store.wait(id, because: Failure(.diskFull, "The disk is full."), takingBack: false)
        #expect(try shown(follower.look()) == ["a waiting"])
        try log.store.goOn(id)
        #expect(try shown(follower.look()) == [])
        try log.store.complete(id, Samples.explanation(), overlays: [])
        #expect(try shown(follower.look()) == ["a done"])
    }

    @Test("one that failed long ago and is tried again between two looks is shown") func triedAgain() throws {
        let id = try log.failed("a", at: "2026-01-01T00:00:00.000Z", Failure(.damagedImage, "It is damaged."))
        let follower = follower(limit: 1)
        #expect(try shown(follower.look()) == ["a failed"])
        try log.store.takeUpFailed(id)
        try log.store.complete(id, Samples.explanation(), overlays: [])
        #expect(try shown(follower.look()) == ["a done"])
    }

    @Test("a clock that was set back hides nothing") func clock() throws {
        try log.done("a", at: "2999-01-01T00:00:00.000Z")
        let follower = follower()
        #expect(try shown(follower.look()) == ["a done"])
        let id = try claim("b")
        _ = try follower.look()
        try log.store.complete(id, Samples.explanation(), overlays: [])
        try log.change("UPDATE arrival SET finished_at = '2001-01-01T00:00:00.000Z' WHERE id = ?", [id])
        #expect(try shown(follower.look()) == ["b done"])
    }

    @Test("conditions hold for what comes, too; claimed rows come where they are asked for") func filtered() throws {
        let failed = follower { $0.states = [.failed] }
        let claimed = follower { $0.states = [.claimed, .done] }
        #expect(try shown(failed.look()) == [] && shown(claimed.look()) == [])
        try log.store.complete(claim("good"), Samples.explanation(), overlays: [])
        try log.store.fail(claim("bad"), because: Failure(.notAnImage, "It is text."))
        _ = try claim("new")
        #expect(try shown(failed.look()) == ["bad failed"])
        #expect(try shown(claimed.look()) == ["good done", "new claimed"])
    }

    @Test("more rows than a page come in pages, each once") func pages() throws {
        let follower = follower()
        _ = try follower.look()
        try log.change(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
            INSERT INTO arrival (claim, name, name_text, bytes, modified_at, owner, state, attempt, claimed_at,
                finished_at, error_code, error_text)
            SELECT 'c' || i, x'61', i, 1, '', 0, 'failed', 1, '2026-02-01', '2026-02-01', 'internal', '' FROM n
            """)
        let looks = try (0..<3).map { _ in try shown(follower.look()) ?? [] }
        #expect(looks.map(\.count) == [1000, 1000, 500])
        #expect(Set(looks.joined()).count == 2500)
        #expect(try shown(follower.look()) == nil)
    }

    @Test("no log yet, a log that goes, and another one in its place") func otherLog() throws {
        let path = folder.path.appending("late.db")
        let follower = LogFollower(path: path, filter: LogReader.Filter(limit: 5))
        guard case .missing = try follower.look() else {
            Issue.record("there is no log")
            return
        }
        do {
            let store = try Store(path: path)
            try store.complete(
                store.claim(
                    ArrivalRecord(
                        claim: "c", name: Data(), nameText: "first", bytes: 1, modifiedAt: .now, owner: 0)),
                Samples.explanation(), overlays: [])
        }
        #expect(try shown(follower.look()) == ["first done"])
        for ending in ["", "-wal", "-shm"] { try FileManager.default.removeItem(atPath: path.string + ending) }
        guard case .missing = try follower.look() else {
            Issue.record("the log went")
            return
        }
        let other = try LogRows(in: TemporaryFolder())
        try other.done("old", at: "2001-01-01T00:00:00.000Z")
        try other.done("new", at: "2999-01-01T00:00:00.000Z")
        _ = try Backup(of: other.path, to: path).run()
        #expect(try shown(follower.look()) == ["new done"])
    }
}
