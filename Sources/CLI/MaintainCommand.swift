import ArgumentParser
import Core
import SystemPackage

struct MaintainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "maintain",
        abstract: "What is to be done each day: retention now, a checked copy of the log, old copies away.",
        discussion: """
            The running service removes what retention.* does not want to keep; where it does not run, that waits for \
            its next start. Then the log is copied to FOLDER/log-YYYY-MM-DD.db and every page, row and index of the \
            copy is checked. Only after that older copies go. One line for each; gradcamd-maintenance.timer runs it.

            Exit status: 0 done; 66 there is no log; 74 something could not be done, and all the rest was.
            """)

    @Option(
        help: ArgumentHelp("The database. Default: log.file of the service's settings.", valueName: "file"),
        completion: .file(extensions: ["db"]))
    var log: String?

    @Option(
        help: ArgumentHelp("Where the copies lie. Default: backup/ beside the log.", valueName: "folder"),
        completion: .directory)
    var backups: String?

    @Option(help: ArgumentHelp("Copies that stay, the new one with them.", valueName: "n"))
    var keep = 7

    @OptionGroup var control: ControlOptions

    func validate() throws {
        guard (1...10_000).contains(keep) else { throw ValidationError("--keep is from 1 to 10000.") }
    }

    func run() async throws {
        let interruption = Interruption()
        let log = try await control.service.log(log)
        let folder = backups.map { FilePath($0) } ?? log.removingLastComponent().appending("backup")
        var report = MaintenanceReport()
        await report.retain(by: try await control.client())
        say(report.linesOfRetention)
        report.backUp(log, to: BackupFolder(path: folder, keep: keep)) { try interruption.check() }
        say(report.linesOfBackup)
        if control.json { try control.show(report) { _ in "" } }
        try interruption.check()
        if report.status != 0 { throw ExitCode(report.status) }
    }

    private func say(_ lines: [MaintenanceReport.Line]) {
        guard !control.json else { return }
        for line in lines {
            if line.isProblem { StandardError.write("gradcam: \(line.text.readable)\n") } else { print(line.text) }
        }
    }
}
