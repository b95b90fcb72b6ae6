import Foundation
import GRDB
import GRDBSQLite
import Synchronization
package import SystemPackage

/// The log: SQLite in WAL mode, one writer, any number of readers at any time.
///
/// Its calls block; the journal makes them on its own thread.
package final class Store: Sendable {
    private let database: DatabasePool
    /// The run that rows belong to.
    private let run = Mutex<Int64?>(nil)

    /// Opens the log, makes it where it is missing, and brings its tables up to date.
    ///
    /// - Throws: `StoreError` with the path and the remedy.
    package init(path: FilePath) throws(StoreError) {
        do {
            database = try DatabasePool(path: path.string, configuration: Self.configuration)
            // GRDB sets NORMAL itself when it turns WAL on, and NORMAL loses acknowledged commits in a power cut.
            try database.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA synchronous = FULL")
                guard try Int.fetchOne(database, sql: "PRAGMA synchronous") == 2 else {
                    throw DatabaseError(message: "synchronous=FULL was refused")
                }
                try Self.check(database)
            }
            try Schema.migrator.migrate(database)
            try database.writeWithoutTransaction {
                try $0.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
            }
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

    package func startRun(_ record: RunRecord) throws {
        let id = try database.write { try record.inserted($0).id }
        run.withLock { $0 = id }
    }

    package func endRun(because reason: String) throws {
        guard let id = run.withLock({ $0 }) else { return }
        try database.write {
            try $0.execute(
                sql: "UPDATE run SET ended_at = ?, exit_reason = ? WHERE id = ?",
                arguments: [Timestamp.now.text, reason, id])
        }
    }

    // MARK: - The way of one image

    /// - Returns: the id of its row.
    func claim(_ arrival: ArrivalRecord) throws -> Int64 {
        try database.write { database in
            guard let id = try arrival.inserted(database).id else {
                throw DatabaseError(message: "the row of \(arrival.nameText) got no id")
            }
            return id
        }
    }

    func countAttempt(of id: Int64) throws {
        try change(id, from: .claimed, sql: "UPDATE arrival SET attempt = attempt + 1 WHERE id = ? AND state = ?")
    }

    func takeBackAttempt(of id: Int64) throws {
        try change(id, from: .claimed, sql: "UPDATE arrival SET attempt = attempt - 1 WHERE id = ? AND state = ?")
    }

    /// All rows of an explanation and the state 'done', or nothing.
    func complete(_ id: Int64, _ explanation: Explanation, overlays: [FilePath]) throws {
        let run = run.withLock { $0 }
        try database.write { database in
            try ExplanationRows.insert(explanation, overlays: overlays, arrival: id, run: run, into: database)
            try database.execute(
                sql: "UPDATE arrival SET state = 'done', finished_at = ? WHERE id = ? AND state = 'claimed'",
                arguments: [Timestamp.now.text, id])
            guard database.changesCount == 1 else { throw DatabaseError(message: "arrival \(id) is not claimed") }
        }
    }

    func fail(_ id: Int64, because failure: Failure) throws {
        try database.write { database in
            try database.execute(
                sql: """
                    UPDATE arrival SET state = 'failed', finished_at = ?, error_code = ?, error_text = ?,
                        error_remedy = ? WHERE id = ? AND state = 'claimed'
                    """,
                arguments: [
                    Timestamp.now.text, failure.code.rawValue, failure.message, failure.remedy, id,
                ])
            guard database.changesCount == 1 else { throw DatabaseError(message: "arrival \(id) is not claimed") }
        }
    }

    private func change(_ id: Int64, from state: ArrivalRecord.State, sql: String) throws {
        try database.write { database in
            try database.execute(sql: sql, arguments: [id, state.rawValue])
            guard database.changesCount == 1 else {
                throw DatabaseError(message: "arrival \(id) is not \(state.rawValue)")
            }
        }
    }

    // MARK: - Recovery

    func arrival(id: Int64) throws -> ArrivalRecord? {
        try database.read { try ArrivalRecord.fetchOne($0, key: id) }
    }

    func arrival(claimedAs claim: String) throws -> ArrivalRecord? {
        try database.read { try ArrivalRecord.fetchOne($0, key: ["claim": claim]) }
    }

    /// Somebody put a file back into `work/` that had vanished from there.
    func takeUpVanished(_ id: Int64) throws {
        try database.write {
            try $0.execute(
                sql: "UPDATE arrival SET state = 'claimed', finished_at = NULL WHERE id = ? AND state = 'vanished'",
                arguments: [id])
        }
    }

    /// Rows that are claimed while their file is not in `work/` any more.
    ///
    /// - Returns: their names.
    func markVanished(except claims: [Int64]) throws -> [String] {
        try database.write { database in
            let open = try ArrivalRecord.filter(sql: "state = 'claimed'").fetchAll(database)
            let gone = open.filter { record in record.id.map { !claims.contains($0) } ?? false }
            for record in gone {
                try database.execute(
                    sql: "UPDATE arrival SET state = 'vanished', finished_at = ? WHERE id = ?",
                    arguments: [Timestamp.now.text, record.id])
            }
            return gone.map(\.nameText)
        }
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
