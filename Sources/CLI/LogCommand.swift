import ArgumentParser
import Core

struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Show what gradcamd logged: the newest images, what they are, and what the heat did.",
        discussion: """
            The same is in the view 'log' of the database, beside 'detections', 'heat' and 'failures':
              sqlite3 "file:/var/lib/gradcamd/log.db?mode=ro" "SELECT label, avg(score) FROM detections GROUP BY label"
            """)

    @OptionGroup var location: LogLocation

    @Option(name: [.customShort("n"), .long], help: "The newest rows, so many.")
    var limit: Int = 20

    @Option(help: "Only later images: 30min, 2h, 3d, or a time in UTC such as 2026-11-23T08:00.")
    var since: String?

    @Option(help: "Only images with this label.")
    var label: String?

    @Flag(help: "An array of objects, with all columns.")
    var json = false

    @Flag(help: "Comma-separated values (RFC 4180), with all columns.")
    var csv = false

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be above 0.") }
        if json && csv { throw ValidationError("--json or --csv, not both.") }
        if let since, PointInTime.text(since) == nil {
            throw ValidationError("--since \(since) is no time: write 30min, 2h, 3d or 2026-11-23T08:00.")
        }
    }

    func run() async throws {
        let reader = try LogReader(path: await location.path)
        let filter = LogReader.Filter(limit: limit, since: since.flatMap { PointInTime.text($0) }, label: label)
        let entries = try reader.entries(filter)
        if json {
            print(try LogText.json(entries), terminator: "")
        } else if csv {
            print(LogText.csv(entries), terminator: "")
        } else {
            print(LogText.table(entries), terminator: "")
        }
    }
}
