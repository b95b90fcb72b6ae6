import Core
import Foundation
import Glibc
import Testing

/// The running service is given other settings: all of them take effect, or none, and no image notices.
@Suite("Reload", .timeLimit(.minutes(5))) struct ReloadTests {
    private let first: String
    private let second: String

    init() throws {
        first = try RunningDaemon.fixture("swish-scripted.pt")
        second = try RunningDaemon.fixture("small-free-size.pt")
    }

    private func started(_ settings: String...) async throws -> RunningDaemon {
        // The same picture is explained each time.
        let daemon = try RunningDaemon(model: first, settings: settings + ["policy.duplicates=explain"])
        try daemon.start()
        try await daemon.watching()
        return daemon
    }

    private func drop(_ names: some Sequence<Int>, into daemon: RunningDaemon) throws {
        for name in names { try daemon.drop("grey.jpg", as: "\(name).jpg") }
    }

    /// Of each image the run that explained it, what it explained it by, and the model of that run.
    private func explained(by daemon: RunningDaemon) async throws -> [String] {
        try await daemon.query(
            """
            SELECT DISTINCT run_id, method, model FROM log JOIN explanation ON explanation.arrival_id = log.id
            WHERE state = 'done' ORDER BY run_id
            """)
    }

    private func model(of daemon: RunningDaemon) async throws -> String? {
        (try await daemon.json("status")["model"] as? [String: Any])?["name"] as? String
    }

    @Test("another method under load: the workers stay, each image is logged under what explained it")
    func method() async throws {
        let daemon = try await started("workers.count=2")
        let workers = try daemon.workers()
        try drop(0..<10, into: daemon)
        try await daemon.until("some are done") { daemon.states().contains("done") }
        try daemon.configure(model: first, "explanations: {method: layercam}")
        let result = try await daemon.ask("reload")
        #expect(result.status == 0, "\(result.text)")
        #expect(result.output.contains("explanations.method auto -> layercam"))
        let last = try await daemon.query("SELECT max(id) FROM arrival").first ?? ""
        try drop(10..<15, into: daemon)
        #expect(try await daemon.ask("sync").status == 0)
        #expect(daemon.states().count == 15 && Set(daemon.states()) == ["done"])
        #expect(try await explained(by: daemon) == ["1|gradcam|swish-scripted", "2|layercam|swish-scripted"])
        #expect(try await daemon.query("SELECT DISTINCT method FROM log WHERE id > \(last)") == ["layercam"])
        #expect(try daemon.workers().sorted() == workers.sorted())
        #expect(try await daemon.query("SELECT exit_reason, ended_at NOT NULL FROM run WHERE id = 1") == ["reloaded|1"])
        #expect(try await daemon.query("SELECT count(DISTINCT fingerprint) FROM run") == ["2"])
        #expect(
            try await daemon.query("SELECT kind, text FROM events") == ["reload|explanations.method auto -> layercam"])
    }

    @Test("another model under load: new workers take over, and nothing is lost") func anotherModel() async throws {
        let daemon = try await started("workers.count=2")
        let workers = try daemon.workers()
        try drop(0..<20, into: daemon)
        try await daemon.until("some are done") { daemon.states().contains("done") }
        try daemon.configure(model: second)
        let result = try await daemon.json("reload")
        #expect(result["replaced_workers"] as? Bool == true && result["model"] as? String == "small-free-size")
        let last = try await daemon.query("SELECT max(id) FROM arrival").first ?? ""
        try drop(20..<25, into: daemon)
        #expect(try await daemon.ask("sync").status == 0)
        #expect(daemon.states().count == 25 && Set(daemon.states()) == ["done"])
        #expect(try await explained(by: daemon) == ["1|gradcam|swish-scripted", "2|gradcam|small-free-size"])
        #expect(try await daemon.query("SELECT DISTINCT model FROM log WHERE id > \(last)") == ["small-free-size"])
        #expect(try await model(of: daemon) == "small-free-size")
        try await daemon.until("the old workers are gone") {
            try daemon.workers().count == 2 && Set(daemon.workers()).isDisjoint(with: workers)
        }
        daemon.signal(SIGTERM)
        #expect(try await daemon.wait() == 0)
        #expect(try await daemon.query("SELECT exit_reason FROM run ORDER BY id") == ["reloaded", "stopped"])
    }

    @Test("another model under the same name, and another card, are noticed") func content() async throws {
        let daemon = try await started()
        let file = daemon.root.appending(path: "m.torchscript")
        try FileManager.default.copyItem(atPath: first, toPath: file.path)
        try daemon.configure(model: file.path)
        #expect(try await daemon.ask("reload").status == 0)
        #expect(try await daemon.ask("reload").output == "nothing has changed\n")
        try FileManager.default.removeItem(at: file)
        try FileManager.default.copyItem(atPath: second, toPath: file.path)
        let other = try await daemon.ask("reload")
        #expect(other.status == 0 && other.output.contains("model's content "), "\(other.text)")
        try "labels: [one]\n".write(to: daemon.root.appending(path: "m.yaml"), atomically: true, encoding: .utf8)
        // A card with fewer labels than the network has classes.
        #expect(try await daemon.ask("reload").status == 78)
        #expect(try await daemon.query("SELECT count(*) FROM run") == ["3"])
    }

    @Test("settings that are of no use are refused with the reason, and nothing changes") func refused() async throws {
        let daemon = try await started()
        let workers = try daemon.workers()
        let writable = daemon.root.appending(path: "writable.pt").path
        try FileManager.default.copyItem(atPath: first, toPath: writable)
        try #require(chmod(writable, 0o666) == 0)
        let wrong: [(model: String, yaml: String, status: Int32, words: String)] = [
            (first, "workers: {count: many}\noverlay: {opacity: 7}", 78, "opacity must be from 0.0 to 1.0"),
            (first, "workers: {count: many}\noverlay: {opacity: 7}", 78, "gradcamd.yaml:3: workers.count must be"),
            (first, "workers: [", 78, "gradcamd.yaml:"),
            (first, "inbox: {watch: poll}", 78, "inbox.watch cannot change while the service runs"),
            (second + ".no", "", 66, "cannot be found"), (writable, "", 77, "may be written by others"),
            (try RunningDaemon.fixture("text.pt"), "", 65, "text file"),
            (try RunningDaemon.fixture("pickled.pt"), "", 3, "torch.save"),
            (try RunningDaemon.fixture("no-conv.pt"), "", 4, "no grid"),
            (try RunningDaemon.fixture("signdet.torchscript"), "detections: {classes: [cat]}", 78, "cat"),
        ]
        for (model, yaml, status, words) in wrong {
            try daemon.configure(model: model, "explanations: {method: layercam}\n" + yaml)
            let result = try await daemon.ask("reload")
            #expect(result.status == status, "\(result.text)")
            #expect(result.errors.contains("nothing has changed") && result.errors.contains(words), "\(result.text)")
        }
        let json = try await daemon.json("reload")
        #expect(json["code"] as? String == "settings_refused")
        try drop([1], into: daemon)
        #expect(try await daemon.ask("sync").status == 0)
        #expect(try await explained(by: daemon) == ["1|gradcam|swish-scripted"])
        #expect(try daemon.workers() == workers)
        #expect(try await daemon.query("SELECT count(*) FROM run") == ["1"])
        #expect(
            try await daemon.query("SELECT DISTINCT kind, count(*) FROM events") == [
                "reload_refused|\(wrong.count + 1)"
            ]
        )
    }

    @Test("SIGHUP does the same, and the journal has the result") func hangup() async throws {
        let daemon = try await started()
        try daemon.configure(model: first, "overlay: {opacity: 7}")
        daemon.signal(SIGHUP)
        try await daemon.until("it is refused") { daemon.messages.contains("reload refused, nothing has changed: ") }
        try daemon.configure(model: first, "overlay: {format: png}\nlog: {level: warning}")
        daemon.signal(SIGHUP)
        try await daemon.until("it is in force") { try await daemon.query("SELECT count(*) FROM run") == ["2"] }
        #expect(daemon.messages.contains("reloaded: overlay.format jpeg -> png, log.level info -> warning"))
        try drop([1], into: daemon)
        #expect(try await daemon.ask("sync").status == 0)
        #expect(try daemon.files(in: "outbox").map { $0.hasSuffix(".png") } == [true])
        #expect(!daemon.messages.contains("1.jpg: "))
    }

    @Test("paused, and without its inbox, it is reloaded all the same") func standstill() async throws {
        let daemon = try await started()
        let (inbox, aside) = (daemon.root.appending(path: "inbox"), daemon.root.appending(path: "aside"))
        try FileManager.default.moveItem(at: inbox, to: aside)
        try await daemon.until("it misses its inbox") {
            try await daemon.json("status")["state"] as? String == "inbox_missing"
        }
        #expect(try await daemon.ask("pause").status == 0)
        try daemon.configure(model: second, "workers: {count: 3}")
        #expect(try await daemon.ask("reload").status == 0)
        #expect(try await daemon.json("status")["state"] as? String == "inbox_missing")
        try FileManager.default.moveItem(at: aside, to: inbox)
        try drop([1, 2], into: daemon)
        try await daemon.until("it is paused, with both files whole") {
            let queue = try await daemon.json("status")["queue"] as? [String: Any]
            return queue?["ready"] as? Int == 2
        }
        #expect(daemon.states().isEmpty)
        #expect(try await daemon.ask("resume").status == 0)
        #expect(try await daemon.ask("sync").status == 0)
        #expect(try await explained(by: daemon) == ["2|gradcam|small-free-size"])
        #expect(try daemon.workers().count == 3)
    }

    @Test("a worker that hangs keeps no reload up; its image is explained by the new model") func hang() async throws {
        let daemon = try await started("workers.deadline_seconds=20")
        let worker = try #require(daemon.workers().first)
        kill(worker, SIGSTOP)
        try drop([1], into: daemon)
        try await daemon.until("it is at the worker") { daemon.states() == ["claimed"] }
        try daemon.configure(model: second)
        #expect(try await daemon.ask("reload").status == 0)
        #expect(try daemon.workers().contains(worker))
        try drop([2], into: daemon)
        try await daemon.until("both are done") { daemon.states() == ["done", "done"] }
        #expect(try await daemon.query("SELECT DISTINCT model, max(attempt) FROM log") == ["small-free-size|2"])
        try await daemon.until("it is killed") { try !daemon.workers().contains(worker) }
    }

    @Test("a stop ends a reload that is loading, and the run it would have begun never was") func stopped() async throws
    {
        let daemon = try await started()
        let worker = try daemon.workers()
        try daemon.configure(model: RunningDaemon.fixture("resnet18.pt"))
        let socket = daemon.socket
        async let reload = Program.run("gradcam", ["reload", "--socket", socket])
        try await daemon.until("the new worker begins to load") { try daemon.workers().count == 2 }
        for new in try daemon.workers() where !worker.contains(new) { kill(new, SIGSTOP) }
        daemon.signal(SIGTERM)
        #expect(try await daemon.wait() == 0)
        #expect(try await reload.status == 69)
        #expect(try await daemon.query("SELECT exit_reason FROM run") == ["stopped"])
    }

    @Test("two at once: one after the other, and both have the last word") func twice() async throws {
        let daemon = try await started()
        try daemon.configure(model: second)
        let socket = daemon.socket
        async let one = Program.run("gradcam", ["reload", "--socket", socket])
        async let other = Program.run("gradcam", ["reload", "--socket", socket])
        #expect(try await [one.status, other.status] == [0, 0])
        #expect(try await [one.output, other.output].contains("nothing has changed\n"))
        #expect(try await daemon.query("SELECT count(*) FROM run") == ["2"])
    }
}
