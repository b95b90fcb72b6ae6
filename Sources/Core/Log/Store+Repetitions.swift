import Foundation
import GRDB

/// What people asked to be done once more, kept until it is taken up.
extension Store {
    package enum Repetition: String, Sendable {
        /// Of a failed image.
        case retry
        /// Of one that was explained.
        case reexplain
    }

    /// Which images of the log a person means.
    package enum Selection: Sendable {
        case ids([Int64])
        /// Those that finished since a time, ISO 8601 in UTC, and have this label, where given.
        case all(since: String?, label: String?)
    }

    /// Notes those that can be repeated.
    ///
    /// - Returns: their ids, oldest first.
    package func request(_ repetition: Repetition, of selection: Selection) throws -> [Int64] {
        try database.write { database in
            let (condition, arguments) = Self.condition(repetition, selection)
            let ids = try Int64.fetchAll(
                database, sql: "SELECT id FROM arrival WHERE \(condition) ORDER BY id", arguments: arguments)
            for id in ids {
                try database.execute(
                    sql: "INSERT OR REPLACE INTO repetition (arrival_id, kind) VALUES (?, ?)",
                    arguments: [id, repetition.rawValue])
            }
            return ids
        }
    }

    private static func condition(
        _ repetition: Repetition, _ selection: Selection
    ) -> (sql: String, arguments: StatementArguments) {
        let state = repetition == .retry ? "state = 'failed'" : "state = 'done'"
        switch selection {
        case .ids(let ids):
            // Ids are numbers: nothing to quote.
            return ("\(state) AND id IN (\(ids.map(String.init).joined(separator: ", ")))", [])
        case .all(let since, let label):
            // What was explained once more already is not explained a third time: its original is.
            var parts = [state] + (repetition == .reexplain ? ["original <> 'borrow'"] : [])
            var arguments = StatementArguments()
            if let since {
                parts.append("finished_at >= ?")
                arguments += [since]
            }
            if let label {
                parts.append("id IN (SELECT arrival_id FROM detections WHERE label = ?)")
                arguments += [label]
            }
            return (parts.joined(separator: " AND "), arguments)
        }
    }

    /// The oldest one that is still to be taken up.
    func nextRepetition() throws -> (id: Int64, kind: Repetition)? {
        try database.read { database in
            try Row.fetchOne(database, sql: "SELECT arrival_id, kind FROM repetition ORDER BY arrival_id LIMIT 1").map {
                (id: $0["arrival_id"], kind: Repetition(rawValue: $0["kind"]) ?? .retry)
            }
        }
    }

    func forgetRepetition(of id: Int64) throws { try database.write { try Self.forgetRepetition(of: id, in: $0) } }

    static func forgetRepetition(of id: Int64?, in database: Database) throws {
        guard let id else { return }
        try database.execute(sql: "DELETE FROM repetition WHERE arrival_id = ?", arguments: [id])
    }
}
