import Foundation
import GRDB
import Synchronization
import SystemPackage
import Testing

@testable import Core

@Suite("Retention") struct RetentionTests {
    private let kept: RetainedTree

    init() throws { kept = try RetainedTree() }

    private func policy(_ change: (inout RetentionPolicy) -> Void) -> RetentionPolicy {
        var policy = RetentionPolicy()
        change(&policy)
        return policy
    }

    // MARK: - Age

    @Test("nothing goes by default") func keepsEverything() async throws {
        try kept.image("old.jpg", daysAgo: 3000)
        #expect(await kept.run(RetentionPolicy()).isEmpty)
        #expect(try kept.files("done").count == 1)
        #expect(try kept.files("outbox").count == 3)
    }

    @Test("originals go by when their image ended, whatever time the file came with; overlays and rows stay")
    func originals() async throws {
        try kept.image("old.jpg", daysAgo: 31)
        try kept.image("young.jpg", daysAgo: 29)
        let removed = await kept.run(policy { $0.originals.days = 30 })
        #expect(removed.originals == .init(files: 1, bytes: 1000))
        // Its day is over and empty, so the folder went, too.
        #expect(try kept.folder.names(in: "done") == [kept.day(daysAgo: 29), "\(kept.day(daysAgo: 29))/2-young.jpg"])
        #expect(try kept.files("outbox").count == 6)
        #expect(try kept.number("SELECT count(*) FROM arrival") == 2)
        #expect(try kept.danglingOverlays().isEmpty)
    }

    @Test("an original without a row goes by the day of its folder, or by its own time where that is later")
    func withoutRow() async throws {
        try kept.write("done/\(kept.day(daysAgo: 40))/7-old.jpg")
        try kept.write("done/\(kept.day(daysAgo: 40))/8-touched.jpg", modified: kept.now.advanced(byDays: -3))
        try kept.write("done/\(kept.day(daysAgo: 20))/9-photo-of-2015.jpg")
        await kept.run(policy { $0.originals.days = 30 })
        #expect(
            try kept.files("done") == [
                "\(kept.day(daysAgo: 40))/8-touched.jpg", "\(kept.day(daysAgo: 20))/9-photo-of-2015.jpg",
            ])
    }

    @Test("overlays go with their heat maps, and their rows point to nothing; what is in work stays") func overlays()
        async throws
    {
        try kept.image("old.jpg", daysAgo: 31)
        try kept.image("young.jpg", daysAgo: 29)
        try kept.image("working.jpg", daysAgo: 31, state: .claimed)
        let removed = await kept.run(policy { $0.overlays.days = 30 })
        #expect(removed.overlays == .init(files: 3, bytes: 3000))
        #expect(
            try kept.files("outbox").map { $0.split(separator: "/")[1].prefix(1) } == ["3", "3", "3", "2", "2", "2"])
        #expect(try kept.number("SELECT count(*) FROM log WHERE overlay IS NULL AND state = 'done'") == 1)
        #expect(try kept.number("SELECT count(*) FROM detections WHERE overlay IS NULL AND arrival_id = 1") == 2)
        #expect(try kept.number("SELECT count(*) FROM detections WHERE overlay IS NOT NULL AND arrival_id = 2") == 2)
        #expect(try kept.danglingOverlays().isEmpty)
        #expect(try kept.files("done").count == 3)
    }

    @Test("a duplicate's own overlay goes by its own age, and its row forgets it") func duplicate() async throws {
        if try !kept.columns(of: "arrival").contains("overlay") {
            try kept.sql("ALTER TABLE arrival ADD COLUMN overlay ANY")
        }
        for daysAgo in [31, 29] {
            let id = try kept.row("twin.jpg", daysAgo: daysAgo)
            let path = "outbox/\(kept.day(daysAgo: daysAgo))/\(id)-twin.jpg.cam.jpg"
            try kept.write(path)
            try kept.sql("UPDATE arrival SET overlay = '/srv/gradcamd/\(path)' WHERE id = \(id)")
        }
        #expect(await kept.run(policy { $0.overlays.days = 30 }).overlays.files == 1)
        #expect(try kept.files("outbox") == ["\(kept.day(daysAgo: 29))/2-twin.jpg.cam.jpg"])
        #expect(try kept.number("SELECT sum(id) FROM arrival WHERE overlay IS NOT NULL") == 2)
    }

    @Test("a failed image goes with its reason; without a row the reason tells when it failed") func failed()
        async throws
    {
        let old = try kept.row("x.jpg", daysAgo: 31, state: .failed)
        let young = try kept.row("y.txt", daysAgo: 29, state: .failed)
        for name in ["\(old)-x.jpg", "\(young)-y.txt"] {
            try kept.write("failed/\(name)")
            try kept.write("failed/\(name).txt")
        }
        try kept.write("failed/77-without.jpg")
        try kept.write("failed/77-without.jpg.txt", modified: kept.now.advanced(byDays: -29))
        try kept.write("failed/78-gone.jpg")
        let removed = await kept.run(policy { $0.failedDays = 30 })
        #expect(removed.failed.files == 3)
        #expect(try kept.files("failed") == ["2-y.txt", "2-y.txt.txt", "77-without.jpg", "77-without.jpg.txt"])
    }

    // MARK: - Size

    @Test("by size the oldest go first, by day and by number, until the rest fits") func size() async throws {
        // Ten images of two days, so that 9 and 10 share one: as text 10 is before 9.
        for index in 1...7 { try kept.image("\(index).jpg", daysAgo: 20) }
        for index in 8...10 { try kept.image("\(index).jpg", daysAgo: 10) }
        // 10,000 bytes; 8 of 1,000 must go.
        let removed = await kept.run(policy { $0.originals.bytes = 2_500 })
        #expect(removed.originals == .init(files: 8, bytes: 8000))
        let day = kept.day(daysAgo: 10)
        #expect(try kept.folder.names(in: "done") == [day, "\(day)/10-10.jpg", "\(day)/9-9.jpg"])
    }

    @Test("overlays of an image go together, those of an image in work never") func overlaySize() async throws {
        try kept.image("working.jpg", daysAgo: 30, state: .claimed)
        for index in 2...4 { try kept.image("\(index).jpg", daysAgo: 20) }
        // 12,000 bytes; the first that may go takes 3,000.
        await kept.run(policy { $0.overlays.bytes = 11_500 })
        #expect(try kept.files("outbox").count == 9)
        #expect(try kept.number("SELECT count(*) FROM log WHERE overlay IS NULL AND id = 2") == 1)
        #expect(try kept.danglingOverlays().isEmpty)
        // Nothing but the one in work is left, which is more than is allowed.
        await kept.run(policy { $0.overlays.bytes = 1 })
        #expect(try Set(kept.files("outbox").map { $0.split(separator: "/")[1].prefix(2) }) == ["1-"])
    }

    @Test("content with two names counts once") func hardLinks() async throws {
        try kept.image("a.jpg", daysAgo: 20)
        let day = kept.day(daysAgo: 20)
        let path = { (name: String) in kept.folder.path.appending(FilePath("done/\(day)/\(name)").components).string }
        try FileManager.default.linkItem(atPath: path("1-a.jpg"), toPath: path("2-a.jpg"))
        #expect(await kept.run(policy { $0.originals.bytes = 1000 }).isEmpty)
        #expect(await kept.run(policy { $0.originals.bytes = 999 }).originals.files == 1)
        #expect(try kept.files("done") == ["\(day)/2-a.jpg"])
    }

    // MARK: - Rows

    @Test("final rows go with everything below them, and the file becomes smaller") func rows() async throws {
        let states: [ArrivalRecord.State] = [.done, .failed, .vanished, .claimed]
        for state in states { _ = try kept.row("\(state).jpg", daysAgo: 31, state: state) }
        try kept.image("young.jpg", daysAgo: 29)
        // Enough old ones that whole pages become free.
        try kept.sql(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
            INSERT INTO arrival (claim, name, name_text, bytes, modified_at, owner, state, attempt, claimed_at,
                finished_at, error_code, error_text)
            SELECT 'c' || i, x'61', 'a', 1, '', 0, 'failed', 1, '2026-02-01', '2026-02-01', 'internal',
                printf('%.1000c', 'x') FROM n
            """)
        let before = try kept.store.size()
        let removed = await kept.run(policy { $0.rowsDays = 30 })
        #expect(removed.rows == 1203)
        #expect(try kept.number("SELECT count(*) FROM arrival") == 2)
        #expect(try kept.number("SELECT count(*) FROM explanation") == 1)
        #expect(try kept.number("SELECT count(*) FROM detection") == 2)
        #expect(try kept.number("SELECT count(*) FROM heat_map") == 2)
        let after = try kept.store.size()
        #expect(after.freePages == 0)
        #expect(after.bytes < before.bytes - 1_000_000)
        #expect(removed.logBytes == before.bytes - after.bytes)
    }

    @Test("by size the oldest rows go until the log fits") func logSize() async throws {
        try kept.sql(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
            INSERT INTO arrival (claim, name, name_text, bytes, modified_at, owner, state, attempt, claimed_at,
                finished_at, error_code, error_text)
            SELECT 'c' || i, x'61', 'a', 1, '', 0, 'failed', 1, '2026-02-01',
                printf('2026-02-01T00:00:%06d', i), 'internal', printf('%.1000c', 'x') FROM n
            """)
        let limit = 2 << 20
        let before = try kept.store.size().usedBytes
        await kept.run(policy { $0.logBytes = limit })
        let size = try kept.store.size()
        #expect(before > 3_000_000 && size.usedBytes <= limit)
        // One batch of 500 rows of less than 2,000 bytes more than needed, at most.
        #expect(size.usedBytes > limit - 1_000_000)
        let left = try kept.number("SELECT count(*) FROM arrival")
        #expect(try kept.number("SELECT min(id) FROM arrival") == 3000 - left + 1)
    }

    @Test("a row that younger ones refer to stays until they are old, too", arguments: ["same_as", "reexplains"])
    func references(column: String) async throws {
        if try !kept.columns(of: "arrival").contains(column) {
            try kept.sql("ALTER TABLE arrival ADD COLUMN \(column) INTEGER REFERENCES arrival")
        }
        let first = try kept.row("first.jpg", daysAgo: 90)
        let second = try kept.row("second.jpg", daysAgo: 60)
        let third = try kept.row("third.jpg", daysAgo: 20)
        _ = try kept.row("alone.jpg", daysAgo: 75)
        try kept.sql("UPDATE arrival SET \(column) = \(first) WHERE id = \(second)")
        try kept.sql("UPDATE arrival SET \(column) = \(second) WHERE id = \(third)")
        #expect(await kept.run(policy { $0.rowsDays = 30 }).rows == 1)
        #expect(try kept.number("SELECT count(*) FROM arrival WHERE name_text = 'alone.jpg'") == 0)
        #expect(await kept.run(policy { $0.rowsDays = 10 }).rows == 3)
    }

    // MARK: - What is not ours

    @Test("a person's own files, links and folders stay") func foreign() async throws {
        let day = kept.day(daysAgo: 400)
        try kept.image("old.jpg", daysAgo: 400)
        let outside = try TemporaryFolder()
        try outside.write("precious", to: "1-precious.jpg")
        try kept.write("done/notes.txt")
        try kept.write("done/\(day)/readme.txt")
        try kept.write("done/\(day)/5-folder/6-inner.jpg")
        try kept.write("outbox/\(day)/1-old.jpg.cam.jpg.bak")
        let link = { (name: String, target: String) in
            try FileManager.default.createSymbolicLink(
                atPath: kept.folder.path.appending(FilePath(name).components).string, withDestinationPath: target)
        }
        try link("done/\(day)/9-link.jpg", outside.path.appending("1-precious.jpg").string)
        try link("done/2020-01-01", outside.path.string)
        await kept.run(
            policy {
                $0.originals = .init(days: 1, bytes: 1)
                $0.overlays = .init(days: 1, bytes: 1)
            })
        #expect(
            try kept.files("done") == [
                "2020-01-01", "\(day)/5-folder/6-inner.jpg", "\(day)/9-link.jpg", "\(day)/readme.txt", "notes.txt",
            ])
        #expect(try kept.files("outbox") == ["\(day)/1-old.jpg.cam.jpg.bak"])
        #expect(try outside.names(in: "") == ["1-precious.jpg"])
    }

    @Test("overlays that another log gave their names are no orphans of this one") func otherLog() async throws {
        try kept.image("mine.jpg", daysAgo: 20)
        let before = ["2025-12-31/1-a.jpg.cam.jpg", "\(kept.day(daysAgo: 20))/99-b.jpg.cam.jpg"]
        for path in before { try kept.write("outbox/\(path)") }
        // The row 1 is of another image and of another day.
        try kept.write("outbox/2025-12-31/1-mine.jpg.cam.jpg")
        #expect(await kept.run(policy { $0.rowsDays = 1000 }).isEmpty)
        #expect(try kept.files("outbox").count == 6)
    }

    // MARK: - The clock

    @Test("where the clock is before the newest row, nothing goes") func clock() async throws {
        try kept.image("old.jpg", daysAgo: 400)
        // Made while the clock was two days ahead.
        let ahead = try kept.row("ahead.jpg", daysAgo: -2)
        let everything = policy {
            $0.originals.days = 1
            $0.overlays.days = 1
            $0.rowsDays = 1
        }
        #expect(await kept.run(everything).isEmpty)
        #expect(try kept.files("done").count == 1)
        // An hour is no wrong clock.
        let soon = Timestamp(milliseconds: kept.now.milliseconds + 3_600_000).text
        try kept.sql("UPDATE arrival SET finished_at = '\(soon)', claimed_at = '\(soon)' WHERE id = \(ahead)")
        #expect(await kept.run(everything).rows == 1)
    }

    @Test("where nobody keeps the clock right and it is a year ahead of the newest row, nothing goes")
    func clockAhead() async throws {
        try kept.image("old.jpg", daysAgo: 400)
        let limit = policy { $0.originals.days = 100 }
        #expect(await kept.run(limit, isSynchronized: false).isEmpty)
        #expect(await kept.run(limit, isSynchronized: true).originals.files == 1)
    }

    @Test("a run that people ask for tells what it removed, and what kept it from more") func asked() async throws {
        func report(_ policy: RetentionPolicy) async -> RetentionReport {
            await Retention(
                policy: policy, tree: kept.tree, store: kept.store, logger: LogLines().logger,
                isSynchronized: { true }, pause: {}
            ).runNow()
        }
        try kept.write("done/2020-01-01/7-old.jpg", bytes: 2048)
        let limit = policy { $0.originals.days = 100 }
        let first = await report(limit)
        #expect(first.originals == .init(files: 1, bytes: 2048) && first.summary == "1 originals (2.0 KiB)")
        #expect(!first.keepsEverything && first.hindrances == [])
        let second = await report(limit)
        #expect(second.summary == "" && second.hindrances == [])
        #expect(await report(policy { _ in }).keepsEverything)
        // The newest row is of a day that is not yet.
        try kept.image("ahead.jpg", daysAgo: -100_000)
        let third = await report(limit)
        #expect(
            third.hindrances.count == 1 && third.hindrances[0].hasPrefix("retention removes nothing: the clock says"))
    }

    @Test("time that passed while the service ran is no wrong clock") func plausibility() throws {
        let day: Int64 = 86_400_000
        let newest = "2025-01-01T12:00:00.000Z"
        let known = Plausibility(newest: newest, uptime: 5 * day)
        let doubt = { (now: String, uptime: Int64, isSynchronized: Bool) in
            known.doubt(
                now: try #require(FileName(now).flatMap { Timestamp(startOf: $0) }), newest: newest,
                uptime: uptime, isSynchronized: isSynchronized)
        }
        // 2025 has 365 days: 366 days after its first is 2026-01-02.
        #expect(try doubt("2026-01-02", 5 * day, false) == nil)
        #expect(try doubt("2026-01-03", 5 * day, false) != nil)
        #expect(try doubt("2026-01-03", 6 * day, false) == nil)
        #expect(try doubt("2026-01-03", 5 * day, true) == nil)
        #expect(try doubt("2024-12-31", 5 * day, true)?.hasPrefix("the log has an image of \(newest)") == true)
        #expect(
            Plausibility(newest: nil, uptime: 0).doubt(
                now: .now, newest: nil, uptime: 0, isSynchronized: false) == nil)
    }

    // MARK: - Killed in between

    @Test("overlays whose rows forgot them before the kill go in the next run, after a day") func orphans() async throws
    {
        let old = try kept.image("old.jpg", daysAgo: 2)
        let young = try kept.image("young.jpg", daysAgo: 0)
        let whole = try kept.image("whole.jpg", daysAgo: 2)
        try kept.store.forgetOverlays(of: [old, young])
        let removed = await kept.run(policy { $0.overlays.days = 365 })
        #expect(removed.overlays.files == 3)
        let left = try Set(kept.files("outbox").map { $0.split(separator: "/")[1].prefix(1) })
        #expect(left == ["\(young)", "\(whole)"])
        #expect(try kept.files("done").count == 3)
    }

    @Test("overlays whose rows went before the kill go in the next run; originals stay") func orphansOfRows()
        async throws
    {
        try kept.image("old.jpg", daysAgo: 40)
        try kept.image("young.jpg", daysAgo: 3)
        #expect(try kept.store.removeRows(finishedBefore: kept.now.advanced(byDays: -30).text, atMost: 500) == 1)
        let removed = await kept.run(policy { $0.rowsDays = 30 })
        #expect(removed.overlays.files == 3 && removed.rows == 0)
        #expect(try kept.files("outbox").count == 3)
        #expect(try kept.files("done").count == 2)
    }

    @Test("cut off after any step, no row points to a missing overlay, and the next run ends where one run would")
    func everyStep() async throws {
        let everything = policy {
            $0.originals = .init(days: 30, bytes: 2_000)
            $0.overlays = .init(days: 30, bytes: 7_000)
            $0.rowsDays = 100
            $0.failedDays = 30
        }
        var steps = 0
        for last in 0... {
            let kept = try RetainedTree()
            for daysAgo in [120, 60, 20, 19, 18] { try kept.image("a.jpg", daysAgo: daysAgo) }
            let count = Mutex(0)
            await kept.run(everything) {
                let isLast = count.withLock { count in
                    count += 1
                    return count > last
                }
                if isLast { throw CancellationError() }
            }
            #expect(try kept.danglingOverlays().isEmpty, "after step \(last)")
            await kept.run(everything)
            #expect(try kept.danglingOverlays().isEmpty)
            #expect(try kept.number("SELECT count(*) FROM arrival") == 4)
            #expect(try kept.files("done").count == 2, "after step \(last)")
            #expect(try kept.files("outbox").count == 6, "after step \(last)")
            steps = last
            if count.withLock({ $0 }) <= last { break }
        }
        #expect(steps > 5)
    }

    @Test("what goes is summed up in one line") func summary() {
        let removed = Removed(
            originals: .init(files: 12, bytes: 3_565_158), overlays: .init(files: 1, bytes: 999), rows: 500,
            logBytes: 1 << 20)
        #expect(removed.summary == "12 originals (3.4 MiB), 1 overlays (999 bytes), 500 rows (1.0 MiB)")
    }
}
