import Foundation
import GRDB
import Synchronization
import SystemPackage

/// Images whose content was explained before, by a run that explains equally.
extension Store {
    /// The newest arrival with this content that was explained as the present run would, and whose overlay is there.
    func explained(_ sha256: Data, before id: Int64) throws -> ArrivalRecord? {
        // Asked of every image: on the connection that writes, one statement needs no transaction.
        try database.writeWithoutTransaction { database in
            let statement = try database.cachedStatement(
                sql: """
                    SELECT arrival.* FROM arrival
                    JOIN explanation ON explanation.arrival_id = arrival.id
                    JOIN run ON run.id = explanation.run_id
                    WHERE arrival.sha256 = ? AND arrival.id <> ? AND arrival.state = 'done'
                        AND explanation.overlay IS NOT NULL
                        AND run.fingerprint = (SELECT fingerprint FROM run WHERE id = ?)
                    ORDER BY arrival.id DESC LIMIT 1
                    """)
            return try ArrivalRecord.fetchOne(statement, arguments: [sha256, id, run.withLock { $0 }])
        }
    }

    /// The paths of the overlays of an arrival, in any order.
    func overlays(of id: Int64) throws -> [FilePath] {
        try database.read { database in
            let values = try DatabaseValue.fetchAll(
                database,
                sql: """
                    SELECT overlay FROM explanation WHERE arrival_id = :id
                    UNION
                    SELECT detection.overlay FROM detection JOIN explanation ON explanation.id = detection.explanation_id
                    WHERE explanation.arrival_id = :id
                    """,
                arguments: ["id": id])
            return values.compactMap { ExplanationRows.path(of: $0) }
        }
    }

    func bestPrediction(of id: Int64) throws -> (label: String, score: Double)? {
        try database.read { database in
            try Row.fetchOne(
                database, sql: "SELECT label, score FROM detections WHERE arrival_id = ? ORDER BY ordinal LIMIT 1",
                arguments: [id]
            ).map { ($0["label"], $0["score"]) }
        }
    }

    /// Gives `id` rows like those of `earlier`, with overlays of its own, and the state 'done'; or changes nothing.
    ///
    /// - Parameter overlays: from the paths of the earlier arrival to those of this one.
    func complete(_ id: Int64, as earlier: Int64, overlays: [FilePath: FilePath]) throws {
        try database.write { database in
            try ExplanationRows.copy(from: earlier, to: id, overlays: overlays, in: database)
            try database.execute(
                sql: "UPDATE arrival SET same_as = ?, attempt = max(attempt, 1) WHERE id = ?", arguments: [earlier, id])
            try Self.finish(id, in: database)
        }
    }
}
