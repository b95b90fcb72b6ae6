import ArgumentParser
import Core
import Foundation
import SystemPackage

struct WhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Why a file is still in the inbox, or what became of it.",
        discussion: """
            Names a file as it lies, or lay, in the inbox:
              gradcam why /srv/gradcamd/inbox/scans/a.jpg

            Where gradcamd does not answer, the file itself and the log tell what they can.

            Exit status: 0 told; 69 it waits for gradcamd, which is not running; 77 only gradcamd knows, and you may not \
            ask it.
            """)

    @Argument(help: "The file.", completion: .file())
    var file: String

    @OptionGroup var control: ControlOptions

    func run() async throws {
        let path = absolutePath
        do {
            let report = try await control.client().why(RawPath(path))
            try control.show(report) { _ in ControlText.text(of: report) }
        } catch let error as ControlClientError where error.cause == .notRunning || error.cause == .notPermitted {
            let settings = try await control.service.settings()
            let glance = InboxGlance(
                root: settings?.root ?? control.service.chosen.root,
                log: settings?.log.file ?? control.service.chosen.log,
                serviceRuns: error.cause == .notPermitted)
            let report = glance.report(on: path)
            try control.show(report) { _ in ControlText.text(of: report) }
            StandardError.write("gradcam: \(error)\n")
            if report.state == .held || report.state == .settling { throw ExitCode(error.exitStatus) }
        }
    }

    /// Links are left as they are.
    private var absolutePath: FilePath {
        let path = RawArguments.path(file)
        guard path.isRelative else { return path.lexicallyNormalized() }
        return FilePath(FileManager.default.currentDirectoryPath).pushing(path).lexicallyNormalized()
    }
}

/// Arguments as the shell gave them: names are bytes, and Swift's own arguments are repaired to UTF-8.
enum RawArguments {
    static func path(_ argument: String) -> FilePath {
        for case let pointer? in UnsafeBufferPointer(start: CommandLine.unsafeArgv, count: Int(CommandLine.argc))
        where String(cString: pointer) == argument {
            return FilePath(platformString: pointer)
        }
        return FilePath(argument)
    }
}
