import ArgumentParser
import Core
import Foundation
import SystemPackage

extension Instance: ExpressibleByArgument {
    public init?(argument: String) { self.init(name: argument) }
}

/// Which of several services on a machine is meant.
struct InstanceOption: ParsableArguments {
    @Option(
        help: ArgumentHelp("Of gradcamd@NAME.service instead of gradcamd.service.", valueName: "name"))
    var instance: Instance?

    var chosen: Instance { instance ?? .plain }

    /// The settings of that service on this machine.
    ///
    /// - Returns: `nil` where there is no such file, or this user may not read it.
    func settings() async throws(ConfigurationError) -> Settings? {
        guard FileManager.default.isReadableFile(atPath: chosen.settingsFile.string) else { return nil }
        return try await Settings(file: chosen.settingsFile, instance: chosen)
    }

    /// - Parameter option: `--log`; without it log.file of the settings, else where a package has it.
    func log(_ option: String?) async throws(ConfigurationError) -> FilePath {
        if let option { return FilePath(option) }
        return try await settings()?.log.file ?? chosen.log
    }
}
