import ArgumentParser
import Core
import SystemPackage

/// How a running gradcamd is reached, and how its answer is printed.
struct ControlOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where gradcamd listens. Default: control.socket of its settings.", valueName: "path"),
        completion: .file())
    var socket: String?

    @OptionGroup var service: InstanceOption

    @Flag(help: "As JSON.")
    var json = false

    func client() async throws -> ControlClient {
        if let socket { return ControlClient(path: FilePath(socket)) }
        guard let settings = try await service.settings() else {
            return ControlClient(path: service.chosen.socket)
        }
        guard let path = settings.control.socket else {
            throw Failure(
                .workerMissing, "gradcamd listens nowhere: control.socket of \(service.chosen.settingsFile) is empty.")
        }
        return ControlClient(path: path)
    }

    /// For what is to say what is wrong with them.
    func clientWhateverTheSettings() async throws -> ControlClient {
        do { return try await client() } catch is ConfigurationError {
            return ControlClient(path: service.chosen.socket)
        }
    }

    func show(_ report: some Encodable, _ text: (Paint) -> String) throws {
        if json {
            print(try JSONText.text(of: report), terminator: "")
        } else {
            print(text(.standardOutput), terminator: "")
        }
    }
}
