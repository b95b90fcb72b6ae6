import GRDB
import Synchronization
import SystemPackage

/// The way of one image through the log. Each call is one transaction, durable when it returns.
extension Store {
    /// - Returns: the id of its row.
    func claim(_ arrival: ArrivalRecord) throws -> Int64 {
        try database.write { database in
            try Self.forgetRepetition(of: arrival.reexplains, in: database)
            guard let id = try arrival.inserted(database).id else {
                throw DatabaseError(message: "the row of \(arrival.nameText) got no id")
            }
            return id
        }
    }

    func countAttempt(of id: Int64) throws {
        try change(id, from: .claimed, set: "attempt = attempt + 1")
    }

    func takeBackAttempt(of id: Int64) throws {
        try change(id, from: .claimed, set: "attempt = attempt - 1")
    }

    /// The image stands still.
    ///
    /// - Parameter takingBack: whether an attempt was counted that does not count.
    func wait(_ id: Int64, because failure: Failure, takingBack: Bool) throws {
        try change(
            id, from: .claimed,
            set:
                "state = 'waiting', attempt = attempt - \(takingBack ? 1 : 0), error_code = ?, error_text = ?, error_remedy = ?",
            [failure.code.rawValue, failure.message, failure.remedy])
    }

    /// A waiting image goes on; one that could not be written down as waiting is left as it is.
    func goOn(_ id: Int64) throws {
        try database.write { database in
            try database.execute(
                sql: """
                    UPDATE arrival SET state = 'claimed', error_code = NULL, error_text = NULL, error_remedy = NULL
                    WHERE id = ? AND state = 'waiting'
                    """,
                arguments: [id])
        }
    }

    /// What an explained image ends with.
    struct Completion {
        let arrival: Int64
        let explanation: Explanation
        let overlays: [FilePath]
        /// The one that explained it; `nil` for the present one.
        var run: Int64?
    }

    /// All rows of these explanations and the state 'done', or nothing.
    func complete(_ completions: [Completion]) throws {
        guard !completions.isEmpty else { return }
        let present = run.withLock { $0 }
        try database.write { database in
            for completion in completions {
                try ExplanationRows.insert(
                    completion.explanation, overlays: completion.overlays, arrival: completion.arrival,
                    run: completion.run ?? present, into: database)
                try Self.finish(completion.arrival, in: database)
            }
        }
    }

    func fail(_ id: Int64, because failure: Failure) throws {
        try change(
            id, from: .claimed,
            set: "state = 'failed', finished_at = ?, error_code = ?, error_text = ?, error_remedy = ?",
            [Timestamp.now.text, failure.code.rawValue, failure.message, failure.remedy])
    }

    func vanish(_ id: Int64) throws {
        try database.write { database in
            try database.execute(
                sql: """
                    UPDATE arrival SET state = 'vanished', finished_at = ?, error_code = NULL, identity = NULL
                    WHERE id = ? AND state IN ('claimed', 'waiting')
                    """,
                arguments: [Timestamp.now.text, id])
        }
    }

    /// A failed image is tried once more, as if it never had been.
    func takeUpFailed(_ id: Int64) throws {
        try database.write { database in
            try Self.forgetRepetition(of: id, in: database)
            try database.execute(
                sql: """
                    UPDATE arrival SET state = 'claimed', attempt = 0, finished_at = NULL, error_code = NULL,
                        error_text = NULL, error_remedy = NULL WHERE id = ? AND state = 'failed'
                    """,
                arguments: [id])
            guard database.changesCount == 1 else { throw DatabaseError(message: "arrival \(id) is not failed") }
        }
    }

    static func finish(_ id: Int64, in database: Database) throws {
        try database.cachedStatement(
            sql: "UPDATE arrival SET state = 'done', finished_at = ? WHERE id = ? AND state = 'claimed'"
        ).execute(arguments: [Timestamp.now.text, id])
        guard database.changesCount == 1 else { throw DatabaseError(message: "arrival \(id) is not claimed") }
    }

    private func change(
        _ id: Int64, from state: ArrivalRecord.State, set assignments: String, _ values: StatementArguments = []
    ) throws {
        try database.write { database in
            try database.execute(
                sql: "UPDATE arrival SET \(assignments) WHERE id = ? AND state = ?",
                arguments: values + [id, state.rawValue])
            guard database.changesCount == 1 else {
                throw DatabaseError(message: "arrival \(id) is not \(state.rawValue)")
            }
        }
    }
}
