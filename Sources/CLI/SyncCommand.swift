import ArgumentParser
import Core

struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Wait until everything that was dropped before is finished.",
        discussion: """
            For scripts, instead of sleeping:
              cp *.jpg /srv/gradcamd/inbox/ && gradcam sync && gradcam log --since 5min

            Exit status: 0 all are done or failed; 75 some are held (as one that is open for writing), or the time \
            ran out; 69 gradcamd is not running, or ended meanwhile; 77 not permitted.
            """)

    @Option(help: ArgumentHelp("Give up after so long.", valueName: "seconds"))
    var timeout: Double?

    @OptionGroup var control: ControlOptions

    func validate() throws {
        guard let timeout, !(0...Double(ControlRequest.maximumTimeout)).contains(timeout) else { return }
        throw ValidationError("--timeout must be from 0 to \(ControlRequest.maximumTimeout).")
    }

    func run() async throws {
        let client = try await control.client()
        let report: SyncReport
        do {
            defer { bar(SyncProgress(finished: 0, remaining: 0)).clear() }
            report = try await client.sync(timeout: timeout.map { .seconds($0) }) { progress in
                bar(progress).show(progress.finished, "finished")
            }
        }
        try control.show(report) { _ in ControlText.text(of: report) }
        if report.timedOut || report.heldCount > 0 { throw ExitCode(75) }
    }

    private func bar(_ progress: SyncProgress) -> ProgressBar {
        ProgressBar(total: progress.finished + progress.remaining, isShown: !control.json)
    }
}
