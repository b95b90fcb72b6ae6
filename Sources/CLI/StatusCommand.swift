import ArgumentParser
import Core

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "How gradcamd is: what it does, the queue, the rate, memory, free space, the last errors.",
        discussion: "Exit status: 0 it answered, whatever its state; 69 it is not running; 77 not permitted.")

    @OptionGroup var control: ControlOptions

    func run() async throws {
        let report = try await control.client().status()
        try control.show(report) { StatusText.text(of: report, paint: $0) }
    }
}
