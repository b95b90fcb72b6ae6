/// How long the bars of a plot over time are.
package enum TimeUnit: Int64, CaseIterable, Sendable {
    case minute = 60
    case tenMinutes = 600
    case hour = 3600
    case day = 86_400
    case week = 604_800
    case fourWeeks = 2_419_200
    case year = 31_449_600

    /// More bars than these are too thin on a phone.
    private static let mostBars = 120
    /// Fewer are no plot.
    package static let fewestBars: Int64 = 24

    /// The shortest whose bars are not too many.
    package init(from first: Timestamp, to last: Timestamp) {
        let seconds = (last.milliseconds - first.milliseconds) / 1000
        self = Self.allCases.first { seconds / $0.rawValue < Self.mostBars } ?? .year
    }

    /// Seconds from 1970, a Thursday, back to where bars begin: weeks begin on Mondays.
    package var offset: Int64 { rawValue >= Self.week.rawValue ? 3 * Self.day.rawValue : 0 }

    /// The number of the bar that holds a moment.
    package func bar(of moment: Timestamp) -> Int64 {
        Int64(((Double(moment.milliseconds) / 1000 + Double(offset)) / Double(rawValue)).rounded(.down))
    }

    package func start(ofBar bar: Int64) -> Timestamp { Timestamp(milliseconds: (bar * rawValue - offset) * 1000) }

    package var name: String {
        switch self {
        case .minute: "minute"
        case .tenMinutes: "ten minutes"
        case .hour: "hour"
        case .day: "day"
        case .week: "week"
        case .fourWeeks: "four weeks"
        case .year: "52 weeks"
        }
    }
}
