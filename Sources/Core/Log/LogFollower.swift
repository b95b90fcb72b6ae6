import GRDB
import Glibc
package import SystemPackage

/// Rows of the log as they end: what `gradcam log --follow` shows.
///
/// New rows are known by their id, those that were open by their id, too, and failed ones that were tried again by
/// their time; so neither a clock that is set nor the order in which images end hides one. Nothing is held between two
/// looks: a reader in a transaction would keep the service from emptying its WAL.
///
/// Its calls block. Not `Sendable`: it lives on the thread that looks.
package final class LogFollower {
    /// Rows that come at once, so that a terminal that stood still for a day costs no memory.
    private static let page = 1000

    package enum Look: Sendable {
        /// Nothing was written since the last one.
        case unchanged
        case entries([LogReader.Entry])
        /// There is no log (any more).
        case missing
    }

    private let path: FilePath
    private let filter: LogReader.Filter
    private var log: (reader: LogReader, identity: Identity)?
    private var dataVersion: Int?
    /// What was seen at the last look; `nil` before the first.
    private var seen: Sight?
    /// Another log took the place of the first: its ids begin anew.
    private var isOtherLog = false

    /// - Parameter filter: its limit is that of the rows at the beginning; without states, all but claimed.
    package init(path: FilePath, filter: LogReader.Filter) {
        self.path = path
        self.filter = filter
    }

    /// Whether a look found a log.
    package var hasBegun: Bool { seen != nil }

    /// The newest rows at first; then what ended, began to wait, or was changed since the last look.
    ///
    /// - Throws: `StoreError` for what is no log of ours or cannot be opened, GRDB's errors for what cannot be read.
    package func look() throws -> Look {
        guard let identity = Identity(of: path) else {
            log = nil
            return .missing
        }
        if log?.identity != identity {
            log = (try LogReader(path: path), identity)
            dataVersion = nil
            isOtherLog = seen != nil
        }
        guard let reader = log?.reader else { return .missing }
        return try reader.database.read { database in
            let version = try Int.fetchOne(database, sql: "PRAGMA data_version")
            guard version != dataVersion else { return .unchanged }
            let (entries, isComplete) = try seen.map { try goOn($0, database) } ?? begin(database)
            dataVersion = isComplete ? version : nil
            return .entries(entries)
        }
    }

    private typealias Found = (entries: [LogReader.Entry], isComplete: Bool)

    private func begin(_ database: Database) throws -> Found {
        var filter = filter
        if filter.states.isEmpty { filter.states = Set(ArrivalRecord.State.allCases).subtracting([.claimed]) }
        let entries = try LogReader.entries(filter, in: database)
        seen = try Sight(database)
        return (entries, true)
    }

    private func goOn(_ seen: Sight, _ database: Database) throws -> Found {
        var newestID = seen.newestID
        if isOtherLog {
            newestID =
                try Int64.fetchOne(
                    database, sql: "SELECT id FROM log WHERE time <= ? ORDER BY id DESC LIMIT 1",
                    arguments: [seen.newestTime]) ?? 0
        }
        let condition = filter.condition.isEmpty ? SQL("1") : filter.condition
        let new = try LogReader.entries(
            "WHERE id > \(newestID) AND \(condition) ORDER BY id LIMIT \(Self.page)", in: database)
        let isComplete = new.count < Self.page
        var now = try Sight(database)
        let changed = isOtherLog ? [] : try changed(since: seen, now, condition, database)
        if !isComplete, let last = new.last { now.newestID = last.id }
        self.seen = now
        isOtherLog = false
        let entries = (changed + new).filter {
            $0["state"] != .text("claimed") || filter.states.contains(.claimed)
        }
        return (entries.sorted { ($0.time, $0.id) < ($1.time, $1.id) }, isComplete)
    }

    /// Rows that were there, and have news.
    private func changed(
        since seen: Sight, _ now: Sight, _ condition: SQL, _ database: Database
    ) throws -> [LogReader.Entry] {
        let ids = Set(seen.signatures.keys).union(now.signatures.keys).map(String.init).joined(separator: ",")
        let inSight = "[\(ids)]"
        return try LogReader.entries(
            """
            WHERE id IN (SELECT value FROM json_each(\(inSight))) AND id <= \(seen.newestID) AND \(condition)
            """, in: database
        ).filter { seen.signatures[$0.id] != $0.signature }
    }

    /// Where the log ends at a look, and the rows that may still change: those that are open, and those that ended
    /// lately, whatever was seen of them.
    private struct Sight {
        /// Milliseconds. Longer than a transaction waits between taking its time and its commit.
        private static let overlap: Int64 = 10_000

        var newestID: Int64
        let newestTime: String
        /// By id.
        let signatures: [Int64: String]

        init(_ database: Database) throws {
            newestID = try Int64.fetchOne(database, sql: "SELECT id FROM log ORDER BY id DESC LIMIT 1") ?? 0
            newestTime = try String.fetchOne(database, sql: "SELECT time FROM log ORDER BY time DESC LIMIT 1") ?? ""
            let since = Timestamp(milliseconds: Timestamp.now.milliseconds - Self.overlap).text
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT id, state, time FROM log WHERE state IN ('claimed', 'waiting')
                    UNION SELECT id, state, time FROM log WHERE time >= ?
                    """,
                arguments: [since])
            signatures = Dictionary(
                rows.map { ($0["id"], "\($0["state"] as String) \($0["time"] as String)") },
                uniquingKeysWith: { $1 })
        }
    }

    /// Which file has the log's name.
    private struct Identity: Equatable {
        private let device: UInt64
        private let inode: UInt64

        init?(of path: FilePath) {
            var status = stat()
            guard stat(path.string, &status) == 0 else { return nil }
            device = UInt64(status.st_dev)
            inode = UInt64(status.st_ino)
        }
    }
}

extension LogReader.Entry {
    fileprivate var id: Int64 { if case .integer(let id) = self["id"] { id } else { 0 } }

    fileprivate var time: String { if case .text(let time) = self["time"] { time } else { "" } }

    /// As `LogFollower.Sight` has it; changes when the row has news.
    fileprivate var signature: String {
        guard case .text(let state) = self["state"] else { return "" }
        return "\(state) \(time)"
    }
}
