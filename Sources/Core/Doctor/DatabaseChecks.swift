import Foundation
import GRDB
import SystemPackage

/// Whether the log is one of ours, whole, and as it was set up.
enum DatabaseChecks {
    /// What other checks want to know from the log.
    struct Facts: Equatable {
        /// Time of its newest row.
        var newest: String?
        /// As the workers of the last run said it.
        var cpuCapability: String?
    }

    /// A longer WAL is held by a reader that never ends.
    private static let largestWAL: Int64 = 256 << 20

    static func findings(_ log: FilePath) -> (findings: [Finding], facts: Facts) {
        var status = stat()
        guard stat(log.string, &status) == 0 else {
            let error = Errno(rawValue: errno)
            let finding =
                error == .noSuchFileOrDirectory
                ? Finding(.log, .warning, "\(log) is not there.", remedy: "The service makes it when it first starts.")
                : Finding(.log, .unknown, "\(log): \(error).", remedy: "Run this as the service's user or as root.")
            return ([finding], Facts())
        }
        guard access(log.string, R_OK) == 0 else {
            return (
                [
                    Finding(
                        .log, .unknown, "You may not read \(log).",
                        remedy: "Run this as the service's user or as root, or join its group.")
                ], Facts()
            )
        }
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        do {
            let database = try DatabaseQueue(path: log.string, configuration: configuration)
            return try database.read { try examine($0, log) }
        } catch {
            return ([unusable(log, error)], Facts())
        }
    }

    private static func unusable(_ log: FilePath, _ error: any Error) -> Finding {
        let reason = (error as? DatabaseError)?.message ?? "\(error)"
        return Finding(
            .log, .problem, "\(log) cannot be read: \(reason).",
            remedy: "Set log.file to another path, or bring a backup back.")
    }

    private static func examine(
        _ database: Database, _ log: FilePath
    ) throws -> (findings: [Finding], facts: Facts) {
        guard try Int.fetchOne(database, sql: "PRAGMA application_id") == Schema.applicationID else {
            return (
                [
                    Finding(
                        .log, .problem, "\(log) is a database of another program.",
                        remedy: "Set log.file to a path of its own.")
                ], Facts()
            )
        }
        guard try !Schema.migrator.hasBeenSuperseded(database) else {
            return (
                [
                    Finding(
                        .log, .problem, "A newer version of gradcamd wrote \(log).",
                        remedy: "Install that version again, or set log.file to another path.")
                ], Facts()
            )
        }
        let facts = Facts(
            newest: try Store.newestTime(in: database),
            cpuCapability: try String.fetchOne(database, sql: "SELECT cpu_capability FROM run ORDER BY id DESC LIMIT 1")
        )
        // The file itself is smaller while pages are in the WAL.
        let size = try Int64.fetchOne(
            database, sql: "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
        let findings = [
            try version(database, log), try integrity(database, log), try settings(database), wal(of: log),
            Finding(.log, .ok, "synchronous=FULL is asserted by the service itself at its start."),
        ]
        return ([Finding(.log, .ok, "\(log) is ours, \(ByteText.text(size ?? 0)).")] + findings, facts)
    }

    private static func version(_ database: Database, _ log: FilePath) throws -> Finding {
        let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        return try Schema.migrator.hasCompletedMigrations(database)
            ? Finding(.log, .ok, "Its tables are of version \(version), this program's.")
            : Finding(
                .log, .warning, "Its tables are of version \(version), an older one.",
                remedy: "The service brings them up to date at its next start: gradcam backup first.")
    }

    private static func integrity(_ database: Database, _ log: FilePath) throws -> Finding {
        let faults = try String.fetchAll(database, sql: "PRAGMA quick_check(3)")
        return faults == ["ok"]
            ? Finding(.log, .ok, "Its pages are sound (quick_check).")
            : Finding(
                .log, .problem, "It is damaged: \(faults.joined(separator: "; ")).",
                remedy: "Stop the service, and bring a backup back, or save what is left: sqlite3 \(log) .recover")
    }

    /// Those that are stored in the file.
    private static func settings(_ database: Database) throws -> Finding {
        let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode") ?? "?"
        guard mode == "wal" else {
            return Finding(
                .log, .problem, "Its journal mode is \(mode), not wal: readers and the service wait for each other.",
                remedy: "Restart the service, which sets it; no other program should write the log.")
        }
        // 2 is incremental; sqlite.org/pragma.html.
        guard try Int.fetchOne(database, sql: "PRAGMA auto_vacuum") == 2 else {
            return Finding(
                .log, .warning, "Its auto_vacuum is not incremental: the file never becomes smaller.",
                remedy: "Stop the service, and: sqlite3 LOG 'PRAGMA auto_vacuum=2; VACUUM'")
        }
        return Finding(.log, .ok, "journal_mode=wal, auto_vacuum=incremental.")
    }

    private static func wal(of log: FilePath) -> Finding {
        var status = stat()
        let size = stat(log.string + "-wal", &status) == 0 ? Int64(status.st_size) : 0
        return size > largestWAL
            ? Finding(
                .log, .warning, "Its WAL has grown to \(ByteText.text(size)): a reader holds it.",
                remedy: "Find who has it open: fuser -v \(log)")
            : Finding(.log, .ok, "Its WAL has \(ByteText.text(size)).")
    }
}
