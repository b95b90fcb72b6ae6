import Core
import Foundation
import SystemPackage

/// Which log a command means.
enum LogLocation {
    /// - Parameter option: `--log`; without it log.file of the settings, else where a package has it.
    static func path(_ option: String?) async throws(ConfigurationError) -> FilePath {
        if let option { return FilePath(option) }
        if FileManager.default.fileExists(atPath: Settings.defaultFile.string) {
            return try await Settings(file: Settings.defaultFile).log.file
        }
        return "/var/lib/gradcamd/log.db"
    }
}
