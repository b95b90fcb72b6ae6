/// Whether the time of day can be believed so far that files may go because of it. A clock far ahead would make
/// everything old; one that was ahead when rows were written leaves those in the future.
struct Plausibility {
    /// So far the clock may be behind the newest row.
    private static let tolerance = 1
    /// So long nobody may have dropped an image, as far as a clock that nobody sets is concerned.
    private static let longestSilence = 366

    /// Day of the newest row when the service started; `nil` for an empty log.
    private let newestAtStart: Timestamp?
    private let uptimeAtStart: Int64

    /// - Parameters:
    ///   - newest: time of the log's newest row, before this run wrote any.
    ///   - uptime: in milliseconds.
    init(newest: String?, uptime: Int64) {
        newestAtStart = newest.flatMap { FileName(String($0.prefix(10))) }.flatMap { Timestamp(startOf: $0) }
        uptimeAtStart = uptime
    }

    /// - Returns: what is wrong, as the end of a sentence; `nil` where the time can be believed.
    func doubt(now: Timestamp, newest: String?, uptime: Int64, isSynchronized: Bool) -> String? {
        if let newest, newest > now.advanced(byDays: Self.tolerance).text {
            return "the log has an image of \(newest). Set the clock, or delete that row if the clock was wrong then."
        }
        guard let newestAtStart, !isSynchronized else { return nil }
        let passed = uptime - uptimeAtStart
        let latest = newestAtStart.advanced(byDays: Self.longestSilence).milliseconds + passed
        guard now.milliseconds > latest else { return nil }
        return """
            nobody keeps it right, and the newest image before was of \(newestAtStart.day.text). Have it synchronised.
            """
    }
}
