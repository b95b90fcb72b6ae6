import Glibc

/// A moment, in milliseconds since 1970. As text always UTC and of one length, so that texts sort like moments:
/// "2026-11-23T05:19:41.123Z".
package struct Timestamp: Hashable, Sendable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package init(nanoseconds: Int64) { milliseconds = nanoseconds / 1_000_000 }

    package static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// The moment so many days later; earlier where there are fewer than none.
    package func advanced(byDays days: Int) -> Timestamp {
        Timestamp(milliseconds: milliseconds + Int64(days) * Self.millisecondsPerDay)
    }

    package static let millisecondsPerDay: Int64 = 86_400_000

    package var text: String {
        let fields = fields
        return day(fields) + "T" + Self.digits(Int(fields.tm_hour), 2) + ":" + Self.digits(Int(fields.tm_min), 2)
            + ":" + Self.digits(Int(fields.tm_sec), 2) + "." + Self.digits(Int(remainder), 3) + "Z"
    }

    /// "2026-11-23", as the name of a folder.
    package var day: FileName { FileName(day(fields)) ?? "unknown-day" }

    /// The first moment of a day that is written as `day` writes it.
    package init?(startOf day: FileName) {
        let parts = day.text.split(separator: "-", omittingEmptySubsequences: false).map { Int32($0) }
        guard parts.count == 3, let year = parts[0], let month = parts[1], let date = parts[2] else { return nil }
        var fields = tm()
        fields.tm_year = year - 1900
        fields.tm_mon = month - 1
        fields.tm_mday = date
        self.init(milliseconds: Int64(timegm(&fields)) * 1000)
    }

    /// A moment as `text` writes it, to the second.
    package init?(_ text: String) {
        guard let match = text.prefixMatch(of: /(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})/) else { return nil }
        let numbers = [match.1, match.2, match.3, match.4, match.5, match.6].compactMap { Int32($0) }
        guard numbers.count == 6 else { return nil }
        var fields = tm()
        (fields.tm_year, fields.tm_mon, fields.tm_mday) = (numbers[0] - 1900, numbers[1] - 1, numbers[2])
        (fields.tm_hour, fields.tm_min, fields.tm_sec) = (numbers[3], numbers[4], numbers[5])
        self.init(milliseconds: Int64(timegm(&fields)) * 1000)
    }

    private var remainder: Int64 { ((milliseconds % 1000) + 1000) % 1000 }

    private var fields: tm {
        var seconds = time_t((milliseconds - remainder) / 1000)
        var fields = tm()
        gmtime_r(&seconds, &fields)
        return fields
    }

    private func day(_ fields: tm) -> String {
        Self.digits(Int(fields.tm_year) + 1900, 4) + "-" + Self.digits(Int(fields.tm_mon) + 1, 2) + "-"
            + Self.digits(Int(fields.tm_mday), 2)
    }

    private static func digits(_ number: Int, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }
}

extension Timestamp: Comparable {
    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }
}
