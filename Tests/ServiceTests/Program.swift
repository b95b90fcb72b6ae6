import Foundation

/// A program that was run to its end.
struct Program: Sendable {
    let status: Int32
    let output: String
    let errors: String

    /// All that it said.
    var text: String { output + errors }

    /// - Parameter name: of a product beside the tests, or an absolute path.
    static func run(_ name: String, _ arguments: [String], in folder: URL? = nil) async throws -> Program {
        try await offPool {
            let process = Process()
            process.executableURL =
                name.hasPrefix("/") ? URL(filePath: name) : RunningDaemon.programs.appending(path: name)
            process.arguments = arguments
            process.currentDirectoryURL = folder
            let errors = FileManager.default.temporaryDirectory.appending(path: "stderr-\(UUID().uuidString)")
            try Data().write(to: errors)
            defer { try? FileManager.default.removeItem(at: errors) }
            process.standardError = try FileHandle(forWritingTo: errors)
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            return Program(
                status: process.terminationStatus, output: text, errors: try String(contentsOf: errors, encoding: .utf8)
            )
        }
    }
}
