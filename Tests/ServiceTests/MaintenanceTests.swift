import Core
import Foundation
import SystemPackage
import Testing

/// Retention in the running service, and the commands that look after it.
@Suite("Maintenance", .timeLimit(.minutes(3))) struct MaintenanceTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "gradcam-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func gradcam(_ arguments: String...) async throws -> Program {
        try await Program.run("gradcam", arguments)
    }

    @Test("the service removes at its start what is too old, says so in one line, and copies while it runs")
    func service() async throws {
        let daemon = try RunningDaemon(
            model: RunningDaemon.fixture("swish-scripted.pt"), settings: ["retention.originals_days=30"])
        let old = daemon.root.appending(path: "done/2020-01-01")
        try FileManager.default.createDirectory(at: old, withIntermediateDirectories: true)
        try "x".write(to: old.appending(path: "5-old.jpg"), atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 0)], ofItemAtPath: old.appending(path: "5-old.jpg").path)
        try daemon.start()
        try await daemon.watching()
        try await daemon.until("the old original is gone") { try daemon.files(in: "done").isEmpty }
        try await daemon.until("it says so") { daemon.messages.contains("retention removed 1 originals (1 bytes)") }
        try daemon.drop("baseline.jpg", as: "new.jpg")
        try await daemon.until("an image is done") { daemon.states() == ["done"] }
        let log = daemon.root.appending(path: "log.db").path
        let copy = folder.appending(path: "copy.db").path
        let backup = try await gradcam("backup", copy, "--log", log)
        #expect(backup.status == 0 && backup.output.contains("1 images"), "\(backup.errors)")
        #expect(try await gradcam("log", "--log", copy).output.contains("new.jpg"))
        let again = try await gradcam("backup", copy, "--log", log)
        #expect(again.status == 64 && again.errors.contains("is there already") && again.errors.contains("--force"))
        let json = try await gradcam("backup", copy, "--log", log, "--force", "--json")
        #expect(try JSONDecoder().decode(Backup.Report.self, from: Data(json.output.utf8)).images == 1)
        #expect(try await gradcam("backup", copy, "--log", "\(log).no", "--force").status == 66)
        daemon.signal(SIGTERM)
        #expect(try await daemon.wait() == 0)
        #expect(try daemon.files(in: "done").count == 1)
    }

    // MARK: - doctor

    /// A tree with its settings.
    private func makeTree(model: String) throws -> String {
        for name in ["inbox", "work", "done", "failed", "outbox"] {
            try FileManager.default.createDirectory(
                at: folder.appending(path: name), withIntermediateDirectories: true)
        }
        _ = try Store(path: FilePath(folder.appending(path: "log.db").path))
        let file = folder.appending(path: "g.yaml")
        try """
        root: \(folder.path)
        model: {file: \(model), owner: self}
        log: {file: \(folder.path)/log.db}
        """.write(to: file, atomically: true, encoding: .utf8)
        return file.path
    }

    private func findings(_ settings: String) async throws -> (status: Int32, findings: [Finding]) {
        let result = try await gradcam("doctor", settings, "--json")
        return (result.status, try JSONDecoder().decode([Finding].self, from: Data(result.output.utf8)))
    }

    @Test("doctor finds no problem where there is none, and leaves nothing behind") func healthy() async throws {
        let settings = try makeTree(model: RunningDaemon.fixture("swish-scripted.pt"))
        let before = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { !$0.hasPrefix("stderr") }
        let (status, findings) = try await findings(settings)
        #expect(status == 0)
        #expect(!findings.contains { $0.verdict == .problem }, "\(findings)")
        #expect(findings.contains { $0.subject == .model && $0.message.contains("It loads in libtorch") })
        let after = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { !$0.hasPrefix("stderr") }
        #expect(after.sorted() == before.sorted())
        let text = try await gradcam("doctor", settings)
        #expect(text.status == 0 && text.output.hasPrefix("ok       configuration  "), "\(text.output)")
    }

    @Test("doctor names each thing that is wrong, with a remedy, and ends with 1") func ill() async throws {
        let model = folder.appending(path: "model.pt")
        try "this is a text".write(to: model, atomically: true, encoding: .utf8)
        let settings = try makeTree(model: model.path)
        try FileManager.default.removeItem(at: folder.appending(path: "failed"))
        for name in ["log.db", "log.db-wal", "log.db-shm"] {
            try FileManager.default.removeItem(at: folder.appending(path: name))
        }
        try "no database".write(to: folder.appending(path: "log.db"), atomically: true, encoding: .utf8)
        let (status, findings) = try await findings(settings)
        #expect(status == 1)
        let problems = findings.filter { $0.verdict == .problem }
        #expect(problems.map(\.subject) == [.model, .tree, .log], "\(problems)")
        #expect(problems[0].message.contains("is a text file. Export the network with"))
        #expect(problems[1].message.contains("lacks failed") && problems[1].remedy.contains("restart"))
        #expect(problems[2].remedy.contains("log.file"))
    }

    @Test("wrong settings end doctor with 78, each with its line") func misconfigured() async throws {
        let file = folder.appending(path: "g.yaml")
        try "model: {file: m.pt}\nretention: {rows_days: -1, log_bytes: 5}\n"
            .write(to: file, atomically: true, encoding: .utf8)
        let (status, findings) = try await findings(file.path)
        #expect(status == 78)
        #expect(findings.map(\.verdict) == [.problem, .problem, .problem])
        #expect(
            findings.contains { $0.message.contains("g.yaml:2: retention.log_bytes must be 0 or at least 1048576") })
    }
}
