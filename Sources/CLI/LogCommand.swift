import ArgumentParser
import Core
import Glibc
import SystemPackage

struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Show what gradcamd logged: the newest images, what they are, and what the heat did.",
        discussion: """
            The same is in the view 'log' of the database, beside 'detections', 'heat', 'failures', 'hourly' and more:
              sqlite3 "file:/var/lib/gradcamd/log.db?mode=ro" "SELECT label, avg(score) FROM detections GROUP BY label"

            Examples:
              gradcam log --follow
              gradcam log --state failed --since 1d
              gradcam log --label stop --max-score 0.5 --csv -n 1000 > unsure.csv
            """)

    @OptionGroup var location: LogLocation

    @Option(name: [.customShort("n"), .long], help: "The last rows, so many.")
    var limit: Int = 20

    @Option(help: "What comes last: the latest time, the largest id, score or milliseconds.")
    var order: LogReader.Order = .time

    @OptionGroup(title: "Which images") var filter: LogFilterOptions

    @Flag(name: [.short, .long], help: "Go on with what ends from now on, until Ctrl-C.")
    var follow = false

    @Flag(help: "An array of objects, with all columns; with --follow one object a line.")
    var json = false

    @Flag(help: "Comma-separated values (RFC 4180), with all columns.")
    var csv = false

    func validate() throws {
        guard limit > 0 || (follow && limit == 0) else {
            throw ValidationError("--limit must be above 0, with --follow 0 or more.")
        }
        if json && csv { throw ValidationError("--json or --csv, not both.") }
        if follow, order != .time { throw ValidationError("--follow goes by time: leave --order out.") }
        if follow, filter.until != nil { throw ValidationError("--follow goes on for ever: leave --until out.") }
    }

    func run() async throws {
        let path = try await location.path
        var text = LogText(json ? .json : csv ? .csv : .table, paint: .standardOutput, isGrowing: follow)
        var filter = filter.filter(limit: limit)
        filter.order = order
        do {
            if follow {
                try self.follow(path, filter, &text)
            } else {
                try ResultOutput.write(text.text(of: LogReader(path: path).entries(filter)))
            }
        } catch Errno.brokenPipe {
            // 'gradcam log | head': who reads has enough.
        }
    }

    /// Looks twice a second; each look that finds nothing new reads one page.
    private func follow(_ path: FilePath, _ filter: LogReader.Filter, _ text: inout LogText) throws {
        let interruption = Interruption()
        let follower = LogFollower(path: path, filter: filter)
        var isMissing = false
        var failedLooks = 0
        repeat {
            try interruption.check()
            do {
                switch try follower.look() {
                case .unchanged: break
                case .entries(let entries): try ResultOutput.write(text.text(of: entries))
                case .missing:
                    if !isMissing { StandardError.write("gradcam: \(path) is not there yet; waiting for it\n") }
                    isMissing = true
                    continue
                }
                isMissing = false
                failedLooks = 0
            } catch let error where !(error is Errno) {
                // One that is just being made, or made anew, becomes a log in a moment.
                failedLooks += 1
                if failedLooks > 20 || !(isMissing || follower.hasBegun) { throw error }
            }
        } while ResultOutput.isRead(afterMilliseconds: 500)
    }
}
