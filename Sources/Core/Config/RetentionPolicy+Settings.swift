extension RetentionPolicy {
    /// A century: beyond that nobody means what is written.
    private static let days = 0...36_500

    init(from reader: inout SettingsReader) {
        self.init()
        let bytes = 0...Int(Int64.max)
        originals = Limit(
            days: reader.int("retention.originals_days", in: Self.days),
            bytes: reader.int("retention.originals_bytes", in: bytes))
        overlays = Limit(
            days: reader.int("retention.overlays_days", in: Self.days),
            bytes: reader.int("retention.overlays_bytes", in: bytes))
        failedDays = reader.int("retention.failed_days", in: Self.days)
        rowsDays = reader.int("retention.rows_days", in: Self.days)
        logBytes = reader.int("retention.log_bytes", in: bytes)
        if (1..<Self.minimumLogBytes).contains(logBytes) {
            reader.report(
                "retention.log_bytes", "must be 0 or at least \(Self.minimumLogBytes), not \(logBytes)",
                "A log without rows is that large already.")
        }
    }

    /// As `gradcam check` prints it.
    var listing: [(key: String, value: String)] {
        [
            ("retention.originals_days", "\(originals.days)"), ("retention.originals_bytes", "\(originals.bytes)"),
            ("retention.overlays_days", "\(overlays.days)"), ("retention.overlays_bytes", "\(overlays.bytes)"),
            ("retention.failed_days", "\(failedDays)"), ("retention.rows_days", "\(rowsDays)"),
            ("retention.log_bytes", "\(logBytes)"),
        ]
    }
}
