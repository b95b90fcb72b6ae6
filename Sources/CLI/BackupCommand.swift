import ArgumentParser
import Core
import SystemPackage

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the log into one file, also while gradcamd writes.",
        discussion: """
            The copy is of one moment, checked, and complete by itself: it opens anywhere without other files.

              gradcam backup /backup/gradcam-$(date +%F).db
            """)

    @Argument(help: "The copy.", completion: .file(extensions: ["db"]))
    var file: String

    @OptionGroup var location: LogLocation

    @Flag(help: "Overwrite a file that is there.")
    var force = false

    @Flag(help: "As JSON.")
    var json = false

    func run() async throws {
        let interruption = Interruption()
        let backup = Backup(of: try await location.path, to: FilePath(file), overwrites: force)
        let bar = ProgressBar(total: 1, isShown: !json)
        let report: Backup.Report
        do {
            defer { bar.clear() }
            report = try backup.run { step in
                try interruption.check()
                ProgressBar(total: step.pages, isShown: !json).show(step.copiedPages, "pages")
            }
        }
        if json {
            print(try JSONText.text(of: report), terminator: "")
        } else {
            print("\(file.readable): \(report.images) images, \(ByteText.text(report.bytes)), checked")
        }
    }
}
