import CLinux
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
        try checkTarget()
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
            case let error as Errno: throw Self.failure(error, at: target)
            case let error as DatabaseError: throw Self.failure(error, at: target)
            default: throw error
            }
        }
    }

    private func checkTarget() throws(Failure) {
        var log = stat()
        let logIsThere = stat(source.string, &log) == 0
        var status = stat()
        guard lstat(target.string, &status) == 0 else { return }
        let parts = ["", "-wal", "-shm", "-journal"].map { FilePath(source.string + $0).resolved }
        guard !parts.contains(target.resolved),
            !logIsThere || log.st_ino != status.st_ino || log.st_dev != status.st_dev
        else {
            throw Failure(.badRequest, "\(target) is the log itself.", remedy: "Name another file.")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Failure(.badRequest, "\(target) is there and no regular file.", remedy: "Name another file.")
        }
        guard overwrites else {
            throw Failure(.badRequest, "\(target) is there already.", remedy: "Name another file, or give --force.")
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

    private static func failure(_ error: Errno, at target: FilePath) -> Failure {
        switch error {
        case .noSpace, .diskQuotaExceeded:
            Failure(.diskFull, "\(target) cannot be written: \(error).", remedy: "Free space, or name another disk.")
        case .fileExists:
            Failure(.badRequest, "\(target) is there already.", remedy: "Name another file, or give --force.")
        default:
            Failure(
                .inputOutput, "\(target) cannot be written: \(error).", remedy: "Name a file in a folder you may write."
            )
        }
    }

    private static func failure(_ error: DatabaseError, at target: FilePath) -> Failure {
        switch error.resultCode {
        case .SQLITE_FULL: failure(.noSpace, at: target)
        default:
            Failure(
                .inputOutput, "The copy to \(target) failed: \(error.message ?? "\(error)").",
                remedy: "Check the disks, and the log with: gradcam doctor")
        }
    }
}

/// The copy before it has its name: `FILE.tmp`, locked so that two backups to one file do not meet. One that a kill
/// left is taken over.
private final class Draft {
    let path: FilePath
    private let target: FilePath
    private let folder: Directory
    private let file: FileDescriptor

    init(for target: FilePath) throws(Failure) {
        self.target = target
        path = FilePath(target.string + ".tmp")
        do {
            let parent = target.removingLastComponent()
            folder = try Directory((parent.isEmpty ? "." : parent).resolved)
            let flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC
            file = FileDescriptor(rawValue: try Errno.check(Glibc.open(path.string, flags, 0o640)))
        } catch {
            throw Failure(
                .inputOutput, "\(path) cannot be made: \(error).", remedy: "Name a file in a folder you may write.")
        }
        guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 else {
            Glibc.close(file.rawValue)
            throw Failure(.badRequest, "Another backup to \(target) is running.", remedy: "Wait for it.")
        }
        ftruncate(file.rawValue, 0)
    }

    deinit { Glibc.close(file.rawValue) }

    func publish(overwriting: Bool) throws(Errno) {
        try Errno.check(fsync(file.rawValue))
        if overwriting {
            try Errno.check(rename(path.string, target.string))
        } else {
            try renameWithoutReplacing()
        }
        try folder.sync()
    }

    private func renameWithoutReplacing() throws(Errno) {
        do {
            try Errno.check(clinux_rename_without_replacing(AT_FDCWD, path.string, AT_FDCWD, target.string))
        } catch .invalidArgument {
            // NFS cannot; link(2) never replaces anything.
            try Errno.check(link(path.string, target.string))
            unlink(path.string)
        }
    }

    func discard() {
        for ending in ["", "-wal", "-shm", "-journal"] { unlink(path.string + ending) }
    }
}
