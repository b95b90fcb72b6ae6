import ArgumentParser
import CLinux
import Core
import Foundation
import Logging
import ServiceLifecycle
import SystemPackage
import UnixSignals

@main
struct DaemonCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gradcamd",
        abstract: "Explains every image that is dropped into an inbox, and logs what it found.",
        discussion: """
            Watches ROOT/inbox, runs your TorchScript model on each image, writes an overlay that shows where the \
            evidence lies to ROOT/outbox, and logs the prediction and the statistics of its heat map into SQLite.

            Settings come from the command line (--set), then the environment (GRADCAMD_MODEL_FILE …), then the \
            file, then the defaults. 'gradcam check' prints them.

            Exit status: 0 stopped; 3 the model is a pickled checkpoint; 4 it has no layer to explain; 65 it is no \
            TorchScript; 66 it is missing; 69 there is no worker, or the tree was replaced; 70 internal; 74 the log or the disk cannot be used; \
            77 the model is not trusted; 78 settings are wrong.
            """,
        version: Version.current)

    @Option(
        help: ArgumentHelp("The settings. Default: \(Instance.plain.settingsFile).", valueName: "file"),
        completion: .file(extensions: ["yaml"]))
    var config: String?

    @Option(
        help: ArgumentHelp(
            """
            Which of several services this is: settings in /etc/gradcamd/NAME.yaml, and by default \
            /srv/gradcamd-NAME, /var/lib/gradcamd-NAME and /run/gradcamd-NAME.
            """, valueName: "name"))
    var instance: Instance?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "Set one key, for example model.file=/srv/m.torchscript. Repeatable.", valueName: "key=value"))
    var assignments: [Assignment] = []

    /// The unit gives us CAP_LEASE, which nobody who decodes images needs. Threads inherit, so this comes before there
    /// is a second one.
    static func main() async {
        _ = clinux_keep_capabilities_from_children()
        await main(nil)
    }

    func run() async throws {
        // A worker that died must be an error of a write, not our end.
        signal(SIGPIPE, SIG_IGN)
        let log = LogDestination()
        defer { log.flush() }
        do {
            let settings = try await readSettings()
            let level = LogLevel(settings.log.level)
            let logger = log.logger(level: level)
            let daemon = Daemon(settings: settings, readSettings: readSettings, level: level, logger: logger)
            try await ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    services: [.init(service: daemon, successTerminationBehavior: .gracefullyShutdownGroup)],
                    gracefulShutdownSignals: [.sigterm, .sigint], logger: logger.quiet)
            ).run()
        } catch let error as ConfigurationError {
            try fail("\(error)", 78, log)
        } catch let error as TreeError {
            try fail("\(error)", 78, log)
        } catch let error as TreeReplaced {
            try fail("\(error)", 69, log)
        } catch let failure as Failure {
            try fail("\(failure)", failure.exitStatus, log)
        } catch let error as StoreError {
            try fail("\(error)", 74, log)
        } catch {
            let failure = Failure(transient: error)
            try fail("\(failure)", failure.exitStatus, log)
        }
    }

    /// At the start, and again at each reload.
    @Sendable
    private func readSettings() async throws(ConfigurationError) -> Settings {
        let instance = instance ?? .plain
        return try await Settings(
            file: config.map { FilePath($0) } ?? instance.settingsFile, arguments: Assignment.dictionary(assignments),
            environment: ProcessInfo.processInfo.environment, instance: instance)
    }

    private func fail(_ message: String, _ status: Int32, _ log: LogDestination) throws -> Never {
        log.tellEnd(message, status: status)
        throw ExitCode(status)
    }
}
