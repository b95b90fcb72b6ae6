/// Whether times in the log can be believed.
enum ClockChecks {
    /// - Parameters:
    ///   - newest: time of the log's newest row.
    ///   - isSynchronized: as the kernel says it; `nil` where it does not say.
    static func finding(now: Timestamp, newest: String?, isSynchronized: Bool?) -> Finding {
        if let newest, newest > now.advanced(byDays: 1).text {
            return Finding(
                .clock, .problem, "The clock says \(now.text), but the log has an image of \(newest).",
                remedy: "Set the clock; until then retention removes nothing.")
        }
        switch isSynchronized {
        case true?: return Finding(.clock, .ok, "The clock is synchronised.")
        case false?, nil:
            return Finding(
                .clock, .unknown, "Nothing synchronises the clock, as far as the kernel knows.",
                remedy: "Enable one: systemctl enable --now systemd-timesyncd")
        }
    }
}
