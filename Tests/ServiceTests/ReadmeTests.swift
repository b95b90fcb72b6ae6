import Foundation
import Testing

/// The README's own lines, run as they stand there against a real log.
@Suite("README: Query the log", .timeLimit(.minutes(3))) struct ReadmeTests {
    private static let installedLog = "/var/lib/gradcamd/log.db"

    /// The indented lines under a heading: paragraphs of code.
    private static func code(under heading: String) throws -> [String] {
        let readme = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "README.md")
        let text = try String(contentsOf: readme, encoding: .utf8)
        let section = try #require(text.components(separatedBy: "\n## \(heading)\n").dropFirst().first)
            .components(separatedBy: "\n## ")[0]
        return section.components(separatedBy: "\n\n").compactMap { paragraph in
            let lines = paragraph.split(separator: "\n")
            guard !lines.isEmpty, lines.allSatisfy({ $0.hasPrefix("    ") }) else { return nil }
            return lines.map { $0.dropFirst(4) }.joined(separator: "\n")
        }
    }

    @Test("every command and every line of Python there works, and prints something") func commands() async throws {
        let daemon = try RunningDaemon(model: RunningDaemon.fixture("signdet.torchscript"))
        try daemon.start()
        try await daemon.watching()
        try FileManager.default.copyItem(
            at: URL(filePath: try RunningDaemon.fixture("twins.png")),
            to: daemon.root.appending(path: "inbox/twins.png"))
        try Data("Dear radiologist,\n".utf8).write(to: daemon.root.appending(path: "inbox/letter.jpg"))
        try await daemon.until("two images have ended") {
            daemon.states().filter { $0 == "done" || $0 == "failed" }.count == 2
        }
        // As after a crash: nothing runs, and the WAL holds what was written last.
        daemon.kill()

        let log = daemon.root.appending(path: "log.db").path
        let paragraphs = try Self.code(under: "Query the log").map { $0.replacing(Self.installedLog, with: log) }
        let python = paragraphs.filter { $0.hasPrefix("import ") }
        let commands = paragraphs.filter { !$0.hasPrefix("import ") }.flatMap { $0.components(separatedBy: "\n") }
        #expect(python.count == 1 && commands.count >= 10)
        #expect(commands.filter { $0.hasPrefix("sqlite3 ") }.count >= 7)
        for command in commands {
            // A service that is installed has its log where gradcam looks by itself.
            let located = command.replacing(/^gradcam (log|report)/) { "gradcam \($0.1) --log '\(log)'" }
            let endless = located.contains("--follow")
            let path = "\(RunningDaemon.programs.path):/usr/local/bin:/usr/bin:/bin"
            let result = try await Program.run(
                "/bin/bash",
                ["-c", "set -euo pipefail; PATH='\(path)'; \(endless ? "timeout --signal=INT 2 " : "")\(located)"],
                in: daemon.root)
            #expect(result.status == (endless ? 124 : 0), "\(command): \(result.text)")
            #expect(result.errors.isEmpty, "\(command): \(result.errors)")
            let written = try command.firstMatch(of: /> (\w+\.csv)$/).map {
                try String(contentsOf: daemon.root.appending(path: $0.1), encoding: .utf8)
            }
            // Conditions that these two images do not meet are none the less queries that work.
            if !command.contains("WHERE") && !command.contains("--label") {
                #expect(!(written ?? result.output).isEmpty, "\(command)")
            }
        }
        let result = try await Program.run("/usr/bin/python3", ["-W", "error", "-c", python[0]], in: daemon.root)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("border_ratio") && result.output.contains("stop"), "\(result.output)")
        #expect(result.output.contains("detections"))
    }
}
