import Foundation
import GRDB
import SystemPackage
import Testing

@testable import Core

@Suite("Backup folder") struct BackupFolderTests {
    private let folder: TemporaryFolder
    private let log: FilePath
    private let backups: FilePath
    private let store: Store

    init() throws {
        folder = try TemporaryFolder()
        log = folder.path.appending("log.db")
        backups = folder.path.appending("backup")
        store = try Store(path: log)
        try add("unmistakable-name")
    }

    private func add(_ name: String) throws {
        try store.database.write {
            try $0.execute(
                sql: """
                    INSERT INTO arrival (claim, name, name_text, bytes, modified_at, owner, state, attempt, claimed_at,
                        finished_at)
                    VALUES (hex(randomblob(12)), x'61', ?, 1, '', 0, 'done', 1, '2026-02-01', '2026-02-01')
                    """,
                arguments: [name])
        }
    }

    private func backUp(_ day: FileName, keep: Int = 3) throws -> BackupFolder.Report {
        try BackupFolder(path: backups, keep: keep).backUp(log, day: day) { _ in }
    }

    private var names: [String] { get throws { try folder.names(in: "backup") } }

    @Test("a copy for each day, the newest stay; that of today replaces itself") func days() throws {
        for day in 1...4 {
            let report = try backUp(FileName("2026-11-0\(day)") ?? "x")
            #expect(report.kept == min(day, 3))
        }
        #expect(try names == ["log-2026-11-02.db", "log-2026-11-03.db", "log-2026-11-04.db"])
        try add("b")
        let report = try backUp("2026-11-04")
        #expect(report.backup.images == 2 && report.removed == [] && report.kept == 3)
        #expect(try LogReader(path: backups.appending("log-2026-11-04.db")).entries(.init(limit: 9)).count == 2)
        #expect(try backUp("2026-11-05", keep: 1).removed == (2...4).map { "log-2026-11-0\($0).db" })
        #expect(try names == ["log-2026-11-05.db"])
    }

    @Test("only copies are removed: no other names, no links, no folders") func others() throws {
        _ = try backUp("2026-11-01")
        let strangers = [
            "log-2026-11-02.db.tmp", "log-2026-1-02.db", "log-2026-11-02.DB", "Log-2026-11-02.db", "notes.txt",
            "log-2026-11-xx.db", "xlog-2026-11-02.db",
        ]
        for name in strangers { try folder.write("x", to: "backup/\(name)") }
        let link = backups.appending("log-2000-01-01.db")
        try FileManager.default.createSymbolicLink(atPath: link.string, withDestinationPath: log.string)
        try FileManager.default.createDirectory(
            atPath: backups.appending("log-2000-01-02.db").string, withIntermediateDirectories: false)
        #expect(try backUp("2026-11-03", keep: 1).removed == ["log-2026-11-01.db"])
        #expect(
            try names
                == (strangers + ["log-2000-01-01.db", "log-2000-01-02.db", "log-2026-11-03.db"]).sorted())
    }

    @Test("after a clock that was ahead the new copy stays all the same") func clock() throws {
        _ = try backUp("2030-01-01")
        _ = try backUp("2030-01-02")
        let report = try backUp("2026-11-25", keep: 2)
        #expect(report.removed == ["log-2030-01-01.db"])
        #expect(try names == ["log-2026-11-25.db", "log-2030-01-02.db"])
    }

    @Test("a log whose rows and indexes do not agree makes no copy, and the good ones stay") func damaged() throws {
        _ = try backUp("2026-11-01")
        try store.checkpoint()
        // In the row, not in the index that has it, too.
        var data = try Data(contentsOf: URL(filePath: log.string))
        let places = data.ranges(of: Data("unmistakable-name".utf8))
        #expect(places.count == 2)
        data.replaceSubrange(try #require(places.first), with: Data("another-name-here".utf8))
        let damaged = folder.path.appending("damaged.db")
        try data.write(to: URL(filePath: damaged.string))
        // What a quick check does not see.
        let quick = folder.path.appending("quick.db")
        #expect(try Backup(of: damaged, to: quick).run().images == 1)
        for day: FileName in ["2026-11-02", "2026-11-01"] {
            let failure = #expect(throws: Failure.self) {
                try BackupFolder(path: backups, keep: 1).backUp(damaged, day: day) { _ in }
            }
            #expect(failure?.message.contains("damaged") == true && failure?.code == .inputOutput)
        }
        #expect(try names == ["log-2026-11-01.db"])
        #expect(
            try LogReader(path: backups.appending("log-2026-11-01.db")).entries(.init(limit: 1))[0]["name"]
                == .text("unmistakable-name"))
    }

    @Test("a folder that cannot be made is a failure with a remedy") func folderFault() throws {
        let failure = #expect(throws: Failure.self) {
            try BackupFolder(path: "/nowhere/backup", keep: 1).backUp(log) { _ in }
        }
        #expect(failure?.remedy.contains("--backups") == true)
        let link = folder.path.appending("link")
        try FileManager.default.createSymbolicLink(atPath: link.string, withDestinationPath: "/tmp")
        #expect(throws: Failure.self) { try BackupFolder(path: link, keep: 1).backUp(log) { _ in } }
    }
}
