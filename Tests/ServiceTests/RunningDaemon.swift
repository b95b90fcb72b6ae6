import Core
import Foundation
import SystemPackage
import Testing

/// A real gradcamd with a real worker and a real model, on a tree of its own.
final class RunningDaemon {
    let root: URL
    private var process = Process()
    /// Bytes of what earlier runs said.
    private var saidBefore = 0
    private let arguments: [String]
    private let output: URL

    /// Where the programs under test were built: beside the test bundle.
    static let programs = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()

    /// Networks that `Fixtures/make_fixtures.py` made.
    static func fixture(_ name: String) throws -> String {
        let folder = try #require(
            ProcessInfo.processInfo.environment["GRADCAM_FIXTURES"],
            "Set GRADCAM_FIXTURES to the folder of make_fixtures.py, or run script/test.")
        return URL(filePath: folder).appending(path: name).path
    }

    /// A small picture of the decoder's tests.
    static func picture(_ name: String) -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "EngineTests/Fixtures/pictures/\(name)")
    }

    init(model: String, settings: [String] = []) throws {
        root = FileManager.default.temporaryDirectory.appending(path: "gradcamd-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        output = root.appending(path: "stderr.txt")
        arguments =
            ["--config", root.appending(path: "gradcamd.yaml").path]
            + ([
                "root=\(root.path)", "log.file=\(root.path)/log.db", "inbox.settle_seconds=0.1",
                "control.socket=\(root.path)/control.sock",
            ] + settings).flatMap { ["--set", $0] }
        try configure(model: model)
    }

    /// Writes the file of settings, which a start or a reload reads; what `init` was given goes before it. There is one
    /// worker unless the settings say otherwise, on any machine.
    func configure(model: String, _ yaml: String = "") throws {
        let workers = yaml.contains("workers:") ? "" : "workers: {count: 1}\n"
        try "model: {file: \(model), owner: self}\n\(yaml)\n\(workers)".write(
            to: root.appending(path: "gradcamd.yaml"), atomically: true, encoding: .utf8)
    }

    deinit {
        kill()
        try? FileManager.default.removeItem(at: root)
    }

    // MARK: The process

    /// - Parameter environment: beside that of the tests.
    func start(environment: [String: String] = [:]) throws {
        saidBefore = messages.utf8.count
        process = Process()
        process.executableURL = Self.programs.appending(path: "gradcamd")
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        if !FileManager.default.fileExists(atPath: output.path) {
            try Data().write(to: output)
        }
        let handle = try FileHandle(forWritingTo: output)
        try handle.seekToEnd()
        process.standardError = handle
        process.standardOutput = handle
        try process.run()
    }

    var processIdentifier: Int32 { process.processIdentifier }

    /// The workers that are its children.
    func workers() throws -> [Int32] {
        let children = try ofEachThread("children").joined(separator: " ").split(separator: " ")
        // Between fork and exec a child is no worker yet.
        return children.compactMap { Int32($0) }.filter { child in
            (try? String(contentsOfFile: "/proc/\(child)/comm", encoding: .utf8)) == "gradcam-worker\n"
        }
    }

    /// The names of its threads: proc(5).
    func threads() throws -> [String] { try ofEachThread("comm").map { $0.trimmingCharacters(in: .newlines) } }

    /// What such a file of /proc says of each.
    private func ofEachThread(_ file: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(processIdentifier)/task").map {
            try String(contentsOfFile: "/proc/\(processIdentifier)/task/\($0)/\(file)", encoding: .utf8)
        }
    }

    func signal(_ number: Int32) { Foundation.kill(processIdentifier, number) }

    func kill() {
        if process.isRunning { signal(SIGKILL) }
        if process.processIdentifier > 0 { process.waitUntilExit() }
    }

    /// Waits for the end. - Returns: the exit status.
    func wait() async throws -> Int32 {
        let process = process
        return try await offPool {
            process.waitUntilExit()
            return process.terminationStatus
        }
    }

    var messages: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }

    var socket: String { root.appending(path: "control.sock").path }

    /// Runs `gradcam` against this daemon.
    func ask(_ arguments: String...) async throws -> Program {
        try await Program.run("gradcam", arguments + ["--socket", socket])
    }

    /// The answer to `gradcam … --json`.
    func json(_ arguments: String...) async throws -> [String: Any] {
        let answer = try await Program.run(
            "gradcam", arguments + ["--json", "--socket", socket])
        return try #require(JSONSerialization.jsonObject(with: Data(answer.output.utf8)) as? [String: Any])
    }

    // MARK: The tree

    func drop(_ picture: String, as name: String) throws {
        try FileManager.default.copyItem(
            at: Self.picture(picture), to: root.appending(path: "inbox/\(name)"))
    }

    func files(in folder: String) throws -> [String] {
        let top = root.appending(path: folder).path
        return try FileManager.default.subpathsOfDirectory(atPath: top).filter { path in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: "\(top)/\(path)", isDirectory: &isFolder)
                && !isFolder.boolValue
        }.sorted()
    }

    func log() throws -> [LogReader.Entry] {
        try LogReader(path: FilePath(root.appending(path: "log.db").path)).entries(.init(limit: 10_000))
    }

    /// What SQL finds in the log, a line for each row.
    func query(_ sql: String) async throws -> [String] {
        let answer = try await Program.run("/usr/bin/sqlite3", ["-readonly", root.appending(path: "log.db").path, sql])
        return answer.output.split(separator: "\n").map(String.init)
    }

    /// Rows by their state.
    func states() -> [String] {
        let entries = (try? log()) ?? []
        return entries.map { if case .text(let state) = $0["state"] { state } else { "?" } }
    }

    /// Waits until it watches its inbox after its last start.
    func watching() async throws {
        try await until("it watches its inbox") {
            String(decoding: messages.utf8.dropFirst(saidBefore), as: UTF8.self).contains("watching ")
        }
    }

    /// Waits until something holds; fails with what the daemon said where it never does.
    func until(_ what: String, _ condition: () async throws -> Bool) async throws {
        for _ in 0..<2400 {
            if (try? await condition()) == true { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("it never came to this: \(what). The daemon said:\n\(messages)")
        throw CancellationError()
    }
}
