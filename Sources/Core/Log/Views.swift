import GRDB

/// What people query: documented in gradcamd(8) and stable from version to version.
enum Views {
    private static let names = [
        "log", "detections", "heat", "failures", "comparisons", "events", "hourly", "slowest", "duplicates",
        "label_drift",
    ]

    /// For the tables as they are now; those of an older version go.
    static func makeAnew(in database: Database) throws {
        try drop(in: database)
        for sql in [images, hourly, slowest, duplicates, labelDrift] { try database.execute(sql: sql) }
    }

    static func drop(in database: Database) throws {
        for name in names { try database.execute(sql: "DROP VIEW IF EXISTS \(name)") }
    }
}
