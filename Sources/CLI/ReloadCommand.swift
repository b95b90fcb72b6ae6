import ArgumentParser
import Core

struct ReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Let gradcamd read its settings again, and put them in force.",
        discussion: """
            Everything is checked first, and the new model loaded beside the old one. Where anything is wrong, nothing \
            changes, and all of it is said. Returns when every image that comes is explained under the new settings.

            Exit status: 0 they are in force; 78 settings or card are wrong, or need a new start; 3, 4, 65, 66, 77 the \
            model is of no use (as of gradcamd); 70 its worker died; 74 the log cannot be written; 69 gradcamd is not \
            running, or stops.
            """)

    @OptionGroup var control: ControlOptions

    func run() async throws {
        let client = try await control.clientWhateverTheSettings()
        do {
            let report = try await client.reload()
            try control.show(report) { _ in ControlText.text(of: report) }
        } catch let failure as Failure where control.json {
            try control.show(failure) { _ in "" }
            throw ExitCode(failure.exitStatus)
        } catch let failure as Failure {
            StandardError.write("gradcam: refused, nothing has changed:\n\(failure)\n")
            throw ExitCode(failure.exitStatus)
        }
    }
}
