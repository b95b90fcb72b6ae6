import Foundation
import GRDB

/// What recovery and the journal ask.
extension Store {
    func arrival(id: Int64) throws -> ArrivalRecord? {
        try database.read { try ArrivalRecord.fetchOne($0, key: id) }
    }

    func arrival(claimedAs claim: String) throws -> ArrivalRecord? {
        try database.read { try ArrivalRecord.fetchOne($0, key: ["claim": claim]) }
    }

    /// The newest arrival of a name; `text` is the same for people, which has an index.
    func newest(named name: Data, text: String) throws -> ArrivalRecord? {
        try database.read {
            try ArrivalRecord.fetchOne(
                $0, sql: "SELECT * FROM arrival WHERE name_text = ? AND name = ? ORDER BY id DESC LIMIT 1",
                arguments: [text, name])
        }
    }

    /// Images that are claimed or wait while they lie in the inbox.
    func openArrivalsKept() throws -> [ArrivalRecord] {
        try database.read {
            try ArrivalRecord.filter(sql: "state IN ('claimed', 'waiting') AND original = 'keep'").fetchAll($0)
        }
    }

    /// Somebody put a file back into `work/` that had vanished from there.
    func takeUpVanished(_ id: Int64) throws {
        try database.write {
            try $0.execute(
                sql: "UPDATE arrival SET state = 'claimed', finished_at = NULL WHERE id = ? AND state = 'vanished'",
                arguments: [id])
        }
    }

    /// Rows that are open while their file is not to be found any more.
    ///
    func markVanished(except claims: [Int64]) throws -> [ArrivalRecord] {
        let kept = Set(claims)
        return try database.write { database in
            let open = try ArrivalRecord.filter(sql: "state IN ('claimed', 'waiting')").fetchAll(database)
            let gone = open.filter { record in record.id.map { !kept.contains($0) } ?? false }
            for record in gone {
                try database.execute(
                    sql: """
                        UPDATE arrival SET state = 'vanished', finished_at = ?, error_code = NULL, error_text = NULL,
                            error_remedy = NULL, identity = NULL WHERE id = ?
                        """,
                    arguments: [Timestamp.now.text, record.id])
            }
            return gone
        }
    }
}
