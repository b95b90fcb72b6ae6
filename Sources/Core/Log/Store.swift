import Foundation
import GRDB
import GRDBSQLite
import Synchronization
package import SystemPackage

/// The log: SQLite in WAL mode, one writer, any number of readers at any time.
///
/// Its calls block; the journal makes them on its own thread.
package final class Store: Sendable {
    package let path: FilePath
    let database: DatabasePool
    /// The run that rows belong to.
    let run = Mutex<Int64?>(nil)

    /// The size of the WAL at which it is emptied next, in bytes.
    let checkpointSize = Mutex<Int64>(0)

    /// Opens the log, makes it where it is missing, and brings its tables up to date.
    ///
    /// - Throws: `StoreError` with the path and the remedy.
    package init(path: FilePath) throws(StoreError) {
        self.path = path
        do {
            database = try DatabasePool(path: path.string, configuration: Self.configuration)
            // GRDB sets NORMAL itself when it turns WAL on, and NORMAL loses acknowledged commits in a power cut.
            try database.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA synchronous = FULL")
                guard try Int.fetchOne(database, sql: "PRAGMA synchronous") == 2 else {
                    throw DatabaseError(message: "synchronous=FULL was refused")
                }
                try Self.check(database)
                // Before the first table: a start that dies between the two must know its own log again.
                try database.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
            }
            try Schema.migrator.migrate(database)
        } catch {
            throw StoreError(path: path, cause: error)
        }
    }

    private static var configuration: GRDB.Configuration {
        var configuration = GRDB.Configuration()
        configuration.busyMode = .timeout(5)
        configuration.foreignKeysEnabled = true
        configuration.label = "log"
        configuration.prepareDatabase { database in
            guard !database.configuration.readonly else { return }
            // Before the first table; without effect afterwards.
            try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
            try database.execute(
                sql: "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA journal_size_limit = 67108864")
            // Readers without write access to the folder need -wal and -shm to stay when the service stops.
            var persist: Int32 = 1
            sqlite3_file_control(database.sqliteConnection, nil, SQLITE_FCNTL_PERSIST_WAL, &persist)
        }
        return configuration
    }

    /// Refuses a database of another program, and one that a newer version wrote.
    private static func check(_ database: Database) throws {
        let identifier = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
        guard identifier == Schema.applicationID || tables == 0 else {
            throw DatabaseError(message: "it is a database of another program")
        }
        guard try !Schema.migrator.hasBeenSuperseded(database) else {
            throw DatabaseError(message: "a newer version of gradcamd wrote it")
        }
    }

    // MARK: - Runs

    /// Rows belong to this run from here on.
    ///
    /// - Parameter reason: why the run before it ends in the same moment, where there is one.
    /// - Returns: its id.
    @discardableResult
    package func startRun(_ record: RunRecord, endingLast reason: String = "") throws -> Int64 {
        let last = run.withLock { $0 }
        let id = try database.write { database in
            if let last { try Self.end(last, because: reason, in: database) }
            guard let id = try record.inserted(database).id else { throw DatabaseError(message: "the run got no id") }
            return id
        }
        run.withLock { $0 = id }
        return id
    }

    package func endRun(because reason: String) throws {
        guard let id = run.withLock({ $0 }) else { return }
        try database.write { try Self.end(id, because: reason, in: $0) }
    }

    private static func end(_ run: Int64, because reason: String, in database: Database) throws {
        try database.execute(
            sql: "UPDATE run SET ended_at = ?, exit_reason = ? WHERE id = ?",
            arguments: [Timestamp.now.text, reason, run])
    }

    // MARK: - Checking

    /// The value of a pragma on the connection that writes.
    func pragma(_ name: String) throws -> String? {
        try database.writeWithoutTransaction { try String.fetchOne($0, sql: "PRAGMA \(name)") }
    }
}

package struct StoreError: Error, CustomStringConvertible {
    package let path: FilePath
    package let cause: any Error

    package var description: String {
        let reason = (cause as? DatabaseError)?.message ?? "\(cause)"
        return "the log \(path) cannot be used: \(reason). Set log.file to a path in a folder that may be written."
    }
}
