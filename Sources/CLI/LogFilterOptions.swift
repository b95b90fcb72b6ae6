import ArgumentParser
import Core

/// Which rows of the log.
struct LogFilterOptions: ParsableArguments {
    @Option(help: "Only images from then on: 30min, 2h, 3d ago, or a time in UTC such as 2026-11-23T08:00.")
    var since: String?

    @Option(help: "Only images before then.")
    var until: String?

    @Option(help: "Only images with an object or class of this label.")
    var label: String?

    @Option(help: "Only images in this state; may be repeated.")
    var state: [ArrivalRecord.State] = []

    @Option(help: ArgumentHelp("Only images with such a name: * ? and [a-z] are patterns.", valueName: "pattern"))
    var name: String?

    @Option(help: "Only with a best score of at least this; with --label, a score of that label.")
    var minScore: Double?

    @Option(help: "Only with a best score of at most this; with --label, a score of that label.")
    var maxScore: Double?

    @Option(help: ArgumentHelp("Only images with this error, for example not_an_image.", valueName: "code"))
    var error: Failure.Code?

    @Flag(name: .customLong("zero-cam"), help: "Only images whose map has no positive value.")
    var zeroCAM = false

    func validate() throws {
        try PointInTime.check(since, of: "--since")
        try PointInTime.check(until, of: "--until")
        for score in [minScore, maxScore].compactMap(\.self) where !(0...1).contains(score) {
            throw ValidationError("Scores are from 0 to 1.")
        }
    }

    func filter(limit: Int) -> LogReader.Filter {
        var filter = LogReader.Filter(limit: limit, since: since.flatMap { PointInTime.text($0) }, label: label)
        filter.until = until.flatMap { PointInTime.text($0) }
        filter.states = Set(state)
        filter.name = name
        filter.minimumScore = minScore
        filter.maximumScore = maxScore
        filter.error = error
        filter.zeroCAM = zeroCAM
        return filter
    }
}

extension ArrivalRecord.State: ExpressibleByArgument {}
extension Failure.Code: ExpressibleByArgument {}
extension LogReader.Order: ExpressibleByArgument {}
