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

    // MARK: - maintain

    @Test("maintain lets the service remove what is due, and copies the log beside it; also while nothing runs")
    func maintain() async throws {
        let daemon = try RunningDaemon(
            model: RunningDaemon.fixture("swish-scripted.pt"), settings: ["retention.originals_days=30"])
        try daemon.start()
        try await daemon.watching()
        try daemon.drop("baseline.jpg", as: "new.jpg")
        try await daemon.until("an image is done") { daemon.states() == ["done"] }
        let old = daemon.root.appending(path: "done/2020-01-01")
        try FileManager.default.createDirectory(at: old, withIntermediateDirectories: true)
        try "x".write(to: old.appending(path: "5-old.jpg"), atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 0)], ofItemAtPath: old.appending(path: "5-old.jpg").path)
        let log = daemon.root.appending(path: "log.db").path
        let first = try await daemon.ask("maintain", "--log", log)
        #expect(first.status == 0 && first.errors.isEmpty, "\(first.text)")
        #expect(first.output.contains("retention: removed 1 originals (1 bytes)\n"), "\(first.output)")
        #expect(try daemon.files(in: "done").count == 1)
        let copies = try daemon.files(in: "backup")
        #expect(copies.count == 1 && copies[0].wholeMatch(of: /log-\d{4}-\d\d-\d\d\.db/) != nil, "\(copies)")
        #expect(first.output.contains("backup: \(daemon.root.path)/backup/\(copies[0]), 1 images, "))
        let copy = daemon.root.appending(path: "backup/\(copies[0])").path
        #expect(try LogReader(path: FilePath(copy)).entries(.init(limit: 9)).count == 1)
        // Somebody asked for it, and the journal says who.
        try await daemon.until("it is told") { daemon.messages.contains("'retain' was asked for by user \(getuid())") }

        daemon.signal(SIGTERM)
        #expect(try await daemon.wait() == 0)
        let second = try await daemon.json("maintain", "--log", log)
        #expect(second["status"] as? Int == 0 && second["retention"] == nil && second["backup"] != nil, "\(second)")
        let third = try await daemon.ask("maintain", "--log", log)
        #expect(third.status == 0 && third.output.contains("gradcamd is not running"), "\(third.text)")
        #expect(try daemon.files(in: "backup") == copies)
    }

    @Test("maintain with a damaged log fails, says so, and leaves the copies of better days") func damaged()
        async throws
    {
        let log = folder.appending(path: "log.db").path
        do { _ = try Store(path: FilePath(log)) }
        let arguments = ["--log", log, "--socket", "/nowhere", "--keep", "1"]
        #expect(try await Program.run("gradcam", ["maintain"] + arguments).status == 0)
        let backup = folder.appending(path: "backup")
        let copies = try FileManager.default.contentsOfDirectory(atPath: backup.path)
        try #require(copies.count == 1)
        let good = try Data(contentsOf: backup.appending(path: copies[0]))
        for name in ["log-2020-01-01.db", "notes.txt"] {
            try "x".write(to: backup.appending(path: name), atomically: false, encoding: .utf8)
        }
        for name in ["log.db-wal", "log.db-shm"] {
            try FileManager.default.removeItem(at: folder.appending(path: name))
        }
        let handle = try FileHandle(forUpdating: folder.appending(path: "log.db"))
        // The second page: a table or an index.
        try handle.seek(toOffset: 4096 * 2)
        try handle.write(contentsOf: Data(repeating: 0xFF, count: 4096))
        try handle.close()
        let result = try await Program.run("gradcam", ["maintain"] + arguments)
        #expect(result.status == 74, "\(result.text)")
        #expect(result.errors.contains("backup: ") && result.errors.contains("damaged"), "\(result.errors)")
        #expect(try Data(contentsOf: backup.appending(path: copies[0])) == good)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: backup.path).sorted()
                == (copies + ["log-2020-01-01.db", "notes.txt"]).sorted())
        #expect(try await Program.run("gradcam", ["maintain", "--log", "/nowhere.db", "--socket", "/x"]).status == 66)
        #expect(try await Program.run("gradcam", ["maintain", "--keep", "0"]).status == 64)
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
