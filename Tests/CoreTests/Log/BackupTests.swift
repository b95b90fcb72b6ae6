import Foundation
import GRDB
import Synchronization
import SystemPackage
import Testing

@testable import Core

@Suite("Backup") struct BackupTests {
    private let folder: TemporaryFolder
    private let log: FilePath
    private let copy: FilePath
    private let store: Store

    init() throws {
        folder = try TemporaryFolder()
        log = folder.path.appending("log.db")
        copy = folder.path.appending("copy.db")
        store = try Store(path: log)
        try fill(100)
    }

    /// Rows of 1 kB each, so that a backup takes several steps; in one transaction.
    private func fill(_ count: Int) throws { try Self.fill(store, count) }

    private static func fill(_ store: Store, _ count: Int) throws {
        try store.database.write {
            try $0.execute(
                sql: """
                    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(count))
                    INSERT INTO arrival (claim, name, name_text, bytes, modified_at, owner, state, attempt, claimed_at,
                        finished_at, error_code, error_text)
                    SELECT hex(randomblob(12)), x'61', 'a', 1, '', 0, 'failed', 1, '2026-02-01', '2026-02-01', 'internal',
                        printf('%.1000c', 'x') FROM n
                    """)
        }
    }

    private var files: [String] { get throws { try folder.names(in: "").filter { !$0.hasPrefix("log.db") } } }

    private func failure(_ backup: Backup) -> Failure? {
        do { _ = try backup.run() } catch { return error as? Failure }
        return nil
    }

    @Test("the copy opens by itself, elsewhere, and has every row") func alone() throws {
        let report = try Backup(of: log, to: copy).run()
        #expect(report.images == 100 && report.newest == "2026-02-01")
        #expect(try files == ["copy.db"])
        let data = try Data(contentsOf: URL(filePath: copy.string))
        #expect(report.bytes == Int64(data.count))
        // The file format's read and write version: 1 is a rollback journal, 2 WAL (sqlite.org/fileformat2.html, 1.3.3).
        #expect(data[18] == 1 && data[19] == 1)
        let elsewhere = try TemporaryFolder()
        let moved = elsewhere.path.appending("moved.db")
        try FileManager.default.moveItem(atPath: copy.string, toPath: moved.string)
        #expect(try LogReader(path: moved).entries(.init(limit: 1000)).count == 100)
        #expect(try elsewhere.names(in: "") == ["moved.db"])
        // A service takes it up where it was left.
        #expect(try Store(path: moved).pragma("auto_vacuum") == "2")
    }

    @Test("while the service writes, the copy is of one moment") func whileWriting() throws {
        try fill(2000)
        let stop = Atomic(false)
        let written = Atomic(0)
        let store = store
        // Two rows at a time: a copy of one moment has an even number.
        let writer = Thread {
            while !stop.load(ordering: .acquiring) {
                try? Self.fill(store, 2)
                written.add(1, ordering: .relaxed)
            }
        }
        writer.start()
        defer { stop.store(true, ordering: .releasing) }
        while written.load(ordering: .relaxed) < 3 { usleep(1000) }
        var steps = 0
        let atStart = written.load(ordering: .relaxed)
        let report = try Backup(of: log, to: copy).run { _ in
            steps += 1
            // Of some 700 pages, 256 at once; begun anew by each write it would never end.
            if steps > 50 { throw CancellationError() }
            // Each step meets a write that happened since the one before.
            let before = written.load(ordering: .relaxed)
            while written.load(ordering: .relaxed) == before { usleep(1000) }
        }
        #expect(steps > 1)
        #expect(written.load(ordering: .relaxed) > atStart)
        #expect(report.images % 2 == 0)
        #expect(report.images >= 2106)
        let found = try LogReader(path: copy).entries(.init(limit: 1_000_000)).count
        #expect(found == report.images)
    }

    @Test("when the service is stopped it works, too, and the log is not touched") func stopped() throws {
        let other = folder.path.appending("log.db-other")
        do { try Self.fill(try Store(path: other), 10) }
        let before = try Data(contentsOf: URL(filePath: other.string))
        #expect(try Backup(of: other, to: copy).run().images == 10)
        #expect(try Data(contentsOf: URL(filePath: other.string)) == before)
    }

    @Test("a file that is there is overwritten only when asked for") func overwriting() throws {
        try folder.write("precious", to: "copy.db")
        #expect(failure(Backup(of: log, to: copy))?.message == "\(copy) is there already.")
        #expect(try String(contentsOfFile: copy.string, encoding: .utf8) == "precious")
        #expect(try files == ["copy.db"])
        #expect(try Backup(of: log, to: copy, overwrites: true).run().images == 100)
        #expect(try files == ["copy.db"])
    }

    @Test("the log itself is no target, by whatever name") func itself() throws {
        let manager = FileManager.default
        let (symbolic, hard) = (folder.path.appending("symbolic"), folder.path.appending("hard"))
        try manager.createSymbolicLink(atPath: symbolic.string, withDestinationPath: log.string)
        try manager.linkItem(atPath: log.string, toPath: hard.string)
        for target in [log, symbolic, hard, FilePath(log.string + "-wal")] {
            #expect(failure(Backup(of: log, to: target, overwrites: true))?.message == "\(target) is the log itself.")
        }
        #expect(try LogReader(path: log).entries(.init(limit: 1000)).count == 100)
    }

    @Test("a link or a folder is no target") func notRegular() throws {
        try FileManager.default.createSymbolicLink(atPath: copy.string, withDestinationPath: "/nowhere")
        #expect(failure(Backup(of: log, to: copy, overwrites: true))?.message.contains("no regular file") == true)
        #expect(failure(Backup(of: log, to: folder.path, overwrites: true))?.code == .badRequest)
        #expect(failure(Backup(of: log, to: "/nowhere/copy.db"))?.code == .inputOutput)
    }

    @Test("cut off in the middle, nothing is left; what a kill left is taken over") func cutOff() throws {
        try fill(2000)
        struct Stop: Error {}
        #expect(throws: Stop.self) { try Backup(of: log, to: copy).run { if $0.copiedPages > 0 { throw Stop() } } }
        #expect(try files.isEmpty)
        try folder.write("half of a copy", to: "copy.db.tmp")
        #expect(try Backup(of: log, to: copy).run().images == 2100)
        #expect(try files == ["copy.db"])
    }

    @Test("a log that is damaged, missing or of another program makes no copy") func badSource() throws {
        #expect(throws: StoreError.self) { try Backup(of: "/nowhere.db", to: copy).run() }
        let other = folder.path.appending("log.db-other")
        try DatabaseQueue(path: other.string).write { try $0.execute(sql: "CREATE TABLE t (x)") }
        #expect(throws: StoreError.self) { try Backup(of: other, to: copy).run() }
        try store.checkpoint()
        let rows = try #require(try store.rootPage(of: "arrival"))
        let handle = try FileHandle(forUpdating: URL(filePath: log.string))
        try handle.seek(toOffset: UInt64(rows - 1) * 4096)
        try handle.write(contentsOf: Data(repeating: 0xFF, count: 4096))
        try handle.close()
        #expect(failure(Backup(of: log, to: copy))?.message.contains("damaged") == true)
        #expect(try files.isEmpty)
    }
}

extension Store {
    /// Of a table, counted from 1.
    fileprivate func rootPage(of table: String) throws -> Int? {
        try database.read {
            try Int.fetchOne($0, sql: "SELECT rootpage FROM sqlite_schema WHERE name = ?", arguments: [table])
        }
    }
}
