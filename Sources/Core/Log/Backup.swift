import Foundation
import GRDB
package import SystemPackage

/// A copy of the log in one file, made while the service writes or after it.
///
/// The pages are read in one transaction of a connection that cannot write: the copy is of one moment, and writers go
/// on, for in WAL mode nobody waits for a reader. The copy leaves WAL mode, so that it is whole without the files
/// -wal and -shm beside it, wherever it is carried.
package struct Backup: Sendable {
    package struct Progress: Sendable {
        package let copiedPages: Int
        package let pages: Int
    }

    package struct Report: Codable, Equatable, Sendable {
        package var file: String
        package var bytes: Int64
        package var images: Int
        /// Time of the newest row; `nil` for an empty log.
        package var newest: String?
    }

    /// 1 MiB at the usual page size.
    private static let pagesAtOnce: CInt = 256

    package let source: FilePath
    package let target: FilePath
    package let overwrites: Bool
    /// Compares every index with its table, too, which takes some times as long.
    package let isThorough: Bool

    package init(
        of source: FilePath, to target: FilePath, overwrites: Bool = false, isThorough: Bool = false
    ) {
        self.source = source
        self.target = target
        self.overwrites = overwrites
        self.isThorough = isThorough
    }

    /// Copies, checks, and gives the copy its name only then. Whatever it throws, nothing is left of the copy.
    ///
    /// - Parameter progress: after each step; ends the backup by what it throws.
    /// - Throws: `StoreError` for the source, `Failure` for the target, and what `progress` throws.
    package func run(progress: @escaping (Progress) throws -> Void = { _ in }) throws -> Report {
        try Draft.check(target, sparing: source, overwrites: overwrites)
        let log = try LogReader(path: source)
        let draft = try Draft(for: target)
        do {
            try copy(log, to: draft.path, progress)
            let report = try check(draft.path)
            try draft.publish(overwriting: overwrites)
            return report
        } catch {
            draft.discard()
            switch error {
            case let error as Errno: throw Draft.failure(error, at: target)
            case let error as DatabaseError: throw Self.failure(error, at: target)
            default: throw error
            }
        }
    }

    // MARK: - Copying

    private func copy(_ log: LogReader, to draft: FilePath, _ progress: @escaping (Progress) throws -> Void) throws {
        let copy = try DatabaseQueue(path: draft.string, configuration: Self.configuration)
        defer { try? copy.close() }
        try log.database.read { source in
            // Begins the transaction: without it each step would see another moment, and a write between two steps
            // would begin the copy anew.
            _ = try Int.fetchOne(source, sql: "SELECT count(*) FROM sqlite_schema")
            try copy.writeWithoutTransaction { target in
                try source.backup(to: target, pagesPerStep: Self.pagesAtOnce) { step in
                    try progress(Progress(copiedPages: step.completedPageCount, pages: step.totalPageCount))
                }
            }
        }
        let mode = try copy.writeWithoutTransaction { try String.fetchOne($0, sql: "PRAGMA journal_mode = DELETE") }
        guard mode == "delete" else { throw DatabaseError(message: "the copy stays in mode \(mode ?? "?")") }
    }

    private static var configuration: GRDB.Configuration {
        var configuration = GRDB.Configuration()
        configuration.label = "backup"
        configuration.prepareDatabase { database in
            // The whole file is synced once at the end; a copy that was cut off is not used.
            try database.execute(sql: "PRAGMA synchronous = OFF")
        }
        return configuration
    }

    private func check(_ draft: FilePath) throws -> Report {
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        let copy = try DatabaseQueue(path: draft.string, configuration: configuration)
        defer { try? copy.close() }
        return try copy.read { database in
            let faults = try String.fetchAll(
                database, sql: isThorough ? "PRAGMA integrity_check(1)" : "PRAGMA quick_check(1)")
            guard faults == ["ok"] else {
                throw Failure(
                    .inputOutput, "The copy of \(source) is damaged: \(faults.first ?? "it cannot be checked").",
                    remedy: "Check the disk, and the log with: gradcam doctor")
            }
            guard try Int.fetchOne(database, sql: "PRAGMA application_id") == Schema.applicationID else {
                throw Failure(.inputOutput, "The copy of \(source) is no log of gradcamd.")
            }
            return Report(
                file: target.string, bytes: try Int64.fetchOne(database, sql: Self.bytes) ?? 0,
                images: try Int.fetchOne(database, sql: "SELECT count(*) FROM log") ?? 0,
                newest: try String.fetchOne(database, sql: "SELECT max(time) FROM log"))
        }
    }

    private static let bytes = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"

    // MARK: - Errors

    private static func failure(_ error: DatabaseError, at target: FilePath) -> Failure {
        switch error.resultCode {
        case .SQLITE_FULL: Draft.failure(.noSpace, at: target)
        default:
            Failure(
                .inputOutput, "The copy to \(target) failed: \(error.message ?? "\(error)").",
                remedy: "Check the disks, and the log with: gradcam doctor")
        }
    }
}
