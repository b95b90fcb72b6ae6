import Foundation
import SystemPackage
import Testing

extension TemporaryFolder {
    /// A script that can be executed at once. Another process writes it: where this one had it open for writing, a child
    /// that another test starts at that moment would keep it open a little longer, and execve(2) refuses such files.
    @discardableResult
    func writeProgram(_ text: String, to name: String) throws -> FilePath {
        let source = try write(text, to: "\(name).txt")
        let program = path.appending(name)
        let install = Process()
        install.executableURL = URL(filePath: "/usr/bin/install")
        install.arguments = ["--mode=755", source.string, program.string]
        try install.run()
        install.waitUntilExit()
        try #require(install.terminationStatus == 0)
        return program
    }
}
