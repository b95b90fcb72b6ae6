import ArgumentParser
import Core

/// A time as people write it on a command line.
enum PointInTime {
    /// - Parameter text: "30min", "2h", "3d" before now, or the beginning of an ISO 8601 time in UTC.
    /// - Returns: text that compares with the log's times; `nil` for what is no time.
    static func text(_ text: String, now: Timestamp = .now) -> String? {
        if let match = text.wholeMatch(of: /([0-9]{1,6})(s|min|h|d)/), let count = Int64(match.1) {
            let unit: Int64 =
                switch match.2 {
                case "s": 1000
                case "min": 60_000
                case "h": 3_600_000
                default: 86_400_000
                }
            return Timestamp(milliseconds: now.milliseconds - count * unit).text
        }
        let iso = /[0-9]{4}-[0-9]{2}(-[0-9]{2}([T ][0-9]{2}(:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,3})?)?)?Z?)?)?/
        guard text.wholeMatch(of: iso) != nil else { return nil }
        return text.replacing(" ", with: "T").replacing("Z", with: "")
    }

    /// - Parameter option: as it was written, for example "--since".
    static func check(_ text: String?, of option: String) throws {
        guard let text, self.text(text) == nil else { return }
        throw ValidationError("\(option) \(text) is no time: write 30min, 2h, 3d or 2026-11-23T08:00.")
    }
}
