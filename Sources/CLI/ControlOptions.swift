import ArgumentParser
import Core
import Foundation
import SystemPackage

/// How a running gradcamd is reached, and how its answer is printed.
struct ControlOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where gradcamd listens. Default: control.socket of \(Settings.defaultFile).", valueName: "path"),
        completion: .file())
    var socket: String?

    @Flag(help: "As JSON.")
    var json = false

    func client() async throws -> ControlClient {
        if let socket { return ControlClient(path: FilePath(socket)) }
        guard let settings = try await InstalledSettings.read() else {
            return ControlClient(path: Settings.Control.defaultSocket)
        }
        guard let path = settings.control.socket else {
            throw Failure(
                .workerMissing, "gradcamd listens nowhere: control.socket of \(Settings.defaultFile) is empty.")
        }
        return ControlClient(path: path)
    }

    func show(_ report: some Encodable, _ text: (Paint) -> String) throws {
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            print(String(decoding: try encoder.encode(report), as: UTF8.self))
        } else {
            print(text(.standardOutput), terminator: "")
        }
    }
}

/// The settings of the service on this machine.
enum InstalledSettings {
    /// - Returns: `nil` where there is no such file, or this user may not read it.
    static func read() async throws -> Settings? {
        guard FileManager.default.isReadableFile(atPath: Settings.defaultFile.string) else { return nil }
        return try await Settings(file: Settings.defaultFile)
    }
}
