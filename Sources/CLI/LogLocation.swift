import ArgumentParser
import Core
import SystemPackage

/// Which log a command means.
struct LogLocation: ParsableArguments {
    @Option(
        help: ArgumentHelp("The database. Default: log.file of the service's settings.", valueName: "file"),
        completion: .file(extensions: ["db"]))
    var log: String?

    @OptionGroup var service: InstanceOption

    /// `--log`; without it log.file of the settings, else where a package has it.
    var path: FilePath {
        get async throws(ConfigurationError) {
            if let log { return FilePath(log) }
            return try await service.settings()?.log.file ?? service.chosen.log
        }
    }
}
