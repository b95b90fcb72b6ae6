import ArgumentParser
import Core

struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Let gradcamd claim nothing any more, also after a restart; what is in work is finished.")

    @Option(help: ArgumentHelp("Shown wherever the state is.", valueName: "text"))
    var reason: String = ""

    @OptionGroup var control: ControlOptions

    func run() async throws {
        let report = try await control.client().pause(reason: reason)
        try control.show(report) { _ in ControlText.text(ofPause: report) }
    }
}

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Let gradcamd go on after a pause.")

    @OptionGroup var control: ControlOptions

    func run() async throws {
        let report = try await control.client().resume()
        try control.show(report) { _ in ControlText.text(ofResume: report) }
    }
}

struct RescanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rescan",
        abstract: "Let gradcamd look through the whole inbox now.",
        discussion: "It does so by itself every inbox.rescan_seconds, and where the kernel dropped events.")

    @OptionGroup var control: ControlOptions

    func run() async throws {
        try await control.client().rescan()
        try control.show(["rescanned": true]) { _ in "rescanned\n" }
    }
}
