import Foundation
import GRDB

/// What retention needs to know of a row.
struct RetainedRow: Sendable {
    /// The image's own name.
    let image: FileName
    /// Of its claim: names its folder in `done/` and `outbox/`.
    let day: FileName
    /// `nil` while it is not in a final state.
    let finishedAt: String?
    /// The names of the overlays that it, its explanation or its detections point to.
    var overlays: Set<FileName> = []
}

extension Store {
    /// States that nothing follows.
    private static let final = "('done', 'failed', 'vanished')"
    /// Detections that one transaction deletes at most, with the heat of each; images wait meanwhile.
    private static let detectionsAtOnce = 5_000

    /// - Parameter ids: at most some thousands.
    /// - Returns: those that are there.
    func retainedRows(_ ids: [Int64]) throws -> [Int64: RetainedRow] {
        try database.read { database in
            let list = "(" + ids.map(String.init).joined(separator: ", ") + ")"
            var rows: [Int64: RetainedRow] = [:]
            let arrivals = try Row.fetchCursor(
                database,
                sql: """
                    SELECT id, claim, name, CASE WHEN state IN \(Self.final) THEN finished_at END AS finished_at
                    FROM arrival WHERE id IN \(list)
                    """)
            while let row = try arrivals.next() {
                let name: Data = row["name"]
                let last = name.split(separator: UInt8(ascii: "/")).last.map { Array($0) } ?? []
                guard let image = FileName(bytes: last) else { continue }
                rows[row["id"]] = RetainedRow(
                    image: image, day: ClaimID.day(of: row["claim"]), finishedAt: row["finished_at"])
            }
            let overlays = try Row.fetchCursor(database, sql: try Self.overlays(of: list, in: database))
            while let row = try overlays.next() {
                guard let name = Self.lastComponent(row["overlay"]) else { continue }
                rows[row["id"]]?.overlays.insert(name)
            }
            return rows
        }
    }

    /// Everything that points to an overlay, wherever this version of the tables has it.
    private static func overlays(of list: String, in database: Database) throws -> String {
        var parts = [
            "SELECT arrival_id AS id, overlay FROM explanation WHERE arrival_id IN \(list)",
            """
            SELECT explanation.arrival_id, detection.overlay FROM detection
            JOIN explanation ON explanation.id = detection.explanation_id WHERE explanation.arrival_id IN \(list)
            """,
        ]
        if try hasOwnOverlay(database) { parts.append("SELECT id, overlay FROM arrival WHERE id IN \(list)") }
        return "SELECT * FROM (" + parts.joined(separator: " UNION ALL ") + ") WHERE overlay IS NOT NULL"
    }

    /// A duplicate has an overlay without an explanation of its own.
    private static func hasOwnOverlay(_ database: Database) throws -> Bool {
        try database.columns(in: "arrival").contains { $0.name == "overlay" }
    }

    private static func lastComponent(_ path: DatabaseValue) -> FileName? {
        let bytes: [UInt8] =
            switch path.storage {
            case .string(let text): Array(text.utf8)
            case .blob(let data): Array(data)
            default: []
            }
        return FileName(bytes: bytes.suffix(from: bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0))
    }

    /// From now on these rows point to no overlay: one transaction.
    func forgetOverlays(of ids: [Int64]) throws {
        guard !ids.isEmpty else { return }
        let list = "(" + ids.map(String.init).joined(separator: ", ") + ")"
        try database.write { database in
            try database.execute(
                sql: """
                    UPDATE detection SET overlay = NULL WHERE overlay IS NOT NULL
                        AND explanation_id IN (SELECT id FROM explanation WHERE arrival_id IN \(list));
                    UPDATE explanation SET overlay = NULL WHERE overlay IS NOT NULL AND arrival_id IN \(list);
                    """)
            if try Self.hasOwnOverlay(database) {
                try database.execute(
                    sql: "UPDATE arrival SET overlay = NULL WHERE overlay IS NOT NULL AND id IN \(list)")
            }
        }
    }

    /// Deletes the oldest final rows with everything below them, but none that another row refers to: in one
    /// transaction that other writers do not wait long for.
    ///
    /// - Returns: how many; 0 where none is left.
    func removeRows(finishedBefore time: String, atMost count: Int) throws -> Int {
        try database.write { database in
            let candidates = try Row.fetchCursor(
                database,
                sql: """
                    SELECT id, (SELECT count(*) FROM detection
                        JOIN explanation ON explanation.id = detection.explanation_id
                        WHERE explanation.arrival_id = arrival.id) AS detections
                    FROM arrival WHERE state IN \(Self.final) AND finished_at < ? \(try Self.isNotReferredTo(database))
                    ORDER BY finished_at, id LIMIT ?
                    """,
                arguments: [time, count])
            var ids: [Int64] = []
            var detections = 0
            while detections < Self.detectionsAtOnce, let row = try candidates.next() {
                ids.append(row["id"])
                detections += row["detections"] as Int
            }
            guard !ids.isEmpty else { return 0 }
            let list = ids.map(String.init).joined(separator: ", ")
            try database.execute(sql: "DELETE FROM arrival WHERE id IN (\(list))")
            return database.changesCount
        }
    }

    /// The one place that knows how rows refer to each other: by columns that only newer tables have.
    private static func isNotReferredTo(_ database: Database) throws -> String {
        let columns = try database.columns(in: "arrival").map(\.name)
        return ["same_as", "reexplains"].filter(columns.contains).map { column in
            "AND NOT EXISTS (SELECT 1 FROM arrival AS younger WHERE younger.\(column) = arrival.id)"
        }.joined(separator: " ")
    }

    // MARK: - What the log knows of itself

    /// The newest time that any row of an image has; `nil` for an empty log.
    func newestTime() throws -> String? { try database.read { try Self.newestTime(in: $0) } }

    static func newestTime(in database: Database) throws -> String? {
        try String.fetchOne(
            database,
            sql: """
                SELECT max(time) FROM (
                    SELECT max(finished_at) AS time FROM arrival
                    UNION ALL SELECT * FROM (SELECT claimed_at FROM arrival ORDER BY id DESC LIMIT 1))
                """)
    }

    /// The highest id that this log ever gave to an image, and the day of its first run: what lies in the folders
    /// beyond either came of another log.
    func origin() throws -> (firstDay: String, lastID: Int64)? {
        try database.read { database in
            let day = try String.fetchOne(database, sql: "SELECT substr(min(started_at), 1, 10) FROM run")
            let id = try Int64.fetchOne(database, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'arrival'")
            return day.flatMap { day in id.map { (day, $0) } }
        }
    }

    // MARK: - Size

    struct Size: Equatable {
        /// Of the whole database file.
        var bytes: Int64
        var usedBytes: Int64
        var freePages: Int
    }

    func size() throws -> Size {
        try database.read { database in
            let pages = try Int64.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            let free = try Int64.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
            let page = try Int64.fetchOne(database, sql: "PRAGMA page_size") ?? 0
            return Size(bytes: pages * page, usedBytes: (pages - free) * page, freePages: Int(free))
        }
    }

    /// Gives so many free pages back to the file system.
    func vacuum(pages: Int) throws {
        try database.writeWithoutTransaction { database in
            // One step frees one page.
            let steps = try Row.fetchCursor(database, sql: "PRAGMA incremental_vacuum(\(pages))")
            while try steps.next() != nil {}
        }
    }
}
