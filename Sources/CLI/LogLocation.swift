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

    var path: FilePath { get async throws(ConfigurationError) { try await service.log(log) } }
}
