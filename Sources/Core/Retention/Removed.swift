/// What one run of the retention removed.
struct Removed: Equatable {
    struct Count: Equatable {
        var files = 0
        /// The files' own; less becomes free where other names lead to the same content.
        var bytes: Int64 = 0
    }

    var originals = Count()
    var overlays = Count()
    /// With their reasons.
    var failed = Count()
    var rows = 0
    /// By which the database became smaller.
    var logBytes: Int64 = 0

    var isEmpty: Bool { self == Removed() }

    /// "12 originals (3.4 MiB), 500 rows (1.2 MiB)".
    var summary: String {
        let files = [("originals", originals), ("overlays", overlays), ("failed files", failed)]
        var parts = files.filter { $0.1.files > 0 }.map { name, count in
            "\(count.files) \(name) (\(ByteText.text(count.bytes)))"
        }
        if rows > 0 || logBytes > 0 { parts.append("\(rows) rows (\(ByteText.text(logBytes)))") }
        return parts.joined(separator: ", ")
    }
}
