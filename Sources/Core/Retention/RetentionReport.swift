/// What one run of the retention removed, and what kept it from more.
package struct RetentionReport: Codable, Equatable, Sendable {
    package struct Files: Codable, Equatable, Sendable {
        package var files: Int
        /// The files' own; less becomes free where other names lead to the same content.
        package var bytes: Int64

        package init(files: Int, bytes: Int64) {
            self.files = files
            self.bytes = bytes
        }
    }

    /// The settings want nothing removed.
    package var keepsEverything: Bool
    package var originals: Files
    package var overlays: Files
    package var failed: Files
    package var rows: Int
    /// By which the database became smaller.
    package var logBytes: Int64
    /// "12 originals (3.4 MiB), 500 rows (1.2 MiB)"; empty where nothing was removed.
    package var summary: String
    /// Sentences; empty where everything went well.
    package var hindrances: [String]

    package init(
        keepsEverything: Bool, originals: Files, overlays: Files, failed: Files, rows: Int, logBytes: Int64,
        summary: String, hindrances: [String]
    ) {
        self.keepsEverything = keepsEverything
        self.originals = originals
        self.overlays = overlays
        self.failed = failed
        self.rows = rows
        self.logBytes = logBytes
        self.summary = summary
        self.hindrances = hindrances
    }

    init(_ removed: Removed, keepsEverything: Bool, hindrances: [String]) {
        self.init(
            keepsEverything: keepsEverything, originals: Files(removed.originals), overlays: Files(removed.overlays),
            failed: Files(removed.failed), rows: removed.rows, logBytes: removed.logBytes, summary: removed.summary,
            hindrances: Array(hindrances.prefix(Self.shownHindrances)))
    }

    private static let shownHindrances = 20

    private enum CodingKeys: String, CodingKey {
        case originals, overlays, failed, rows, summary, hindrances
        case keepsEverything = "keeps_everything"
        case logBytes = "log_bytes"
    }
}

extension RetentionReport.Files {
    fileprivate init(_ count: Removed.Count) { self.init(files: count.files, bytes: count.bytes) }
}
