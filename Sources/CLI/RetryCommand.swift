import ArgumentParser
import Core

struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Try failed images again.",
        discussion: "Exit status: 0 all are tried again; 1 some are not; 69 gradcamd is not running; 77 not permitted.")

    @Argument(help: "Rows of the log ('gradcam log' shows their ids).")
    var ids: [Int64] = []

    @Flag(help: "Everything that failed.")
    var allFailed = false

    @OptionGroup var control: ControlOptions

    func validate() throws {
        if ids.isEmpty != allFailed { throw ValidationError("Name ids, or give --all-failed.") }
        try ids.checkLength()
    }

    func run() async throws {
        let report = try await control.client().retry(allFailed ? .allFailed : .ids(ids))
        try control.show(report) { _ in ControlText.text(of: report, "tried again") }
        if report.refusedCount > 0 { throw ExitCode(1) }
    }
}

struct ReexplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reexplain",
        abstract: "Explain finished images once more, under the model and settings of now.",
        discussion: """
            Their originals must be there still, in done/. What was found before stays in the log.

            Exit status: 0 all are explained again; 1 some are not; 69 gradcamd is not running; 77 not permitted.
            """)

    @Argument(help: "Rows of the log ('gradcam log' shows their ids).")
    var ids: [Int64] = []

    @Option(help: "Images since then: 30min, 2h, 3d, or a time in UTC such as 2026-11-23T08:00.")
    var since: String?

    @Option(help: "Images with this label.")
    var label: String?

    @Flag(help: "Every image.")
    var all = false

    @OptionGroup var control: ControlOptions

    func validate() throws {
        guard [!ids.isEmpty, since != nil || label != nil, all].count(where: { $0 }) == 1 else {
            throw ValidationError("Name ids, or give --since and --label, or --all.")
        }
        try PointInTime.check(since, of: "--since")
        try ids.checkLength()
    }

    func run() async throws {
        let report = try await control.client().reexplain(selection)
        try control.show(report) { _ in ControlText.text(of: report, "explained again") }
        if report.refusedCount > 0 { throw ExitCode(1) }
    }

    private var selection: ReexplainSelection {
        if all { return .all }
        return ids.isEmpty ? .matching(since: since.flatMap { PointInTime.text($0) }, label: label) : .ids(ids)
    }
}

extension [Int64] {
    fileprivate func checkLength() throws {
        guard count <= ControlRequest.maximumIDs else {
            throw ValidationError("At most \(ControlRequest.maximumIDs) ids at a time.")
        }
    }
}
