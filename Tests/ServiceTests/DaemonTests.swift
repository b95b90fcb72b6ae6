import Core
import Foundation
import SystemPackage
import Testing

@Suite("Daemon", .timeLimit(.minutes(3))) struct DaemonTests {
    private func daemon(_ settings: String...) throws -> RunningDaemon {
        try RunningDaemon(model: RunningDaemon.fixture("swish-scripted.pt"), settings: settings)
    }

    @Test("each image becomes one row, one overlay and one archived original; a text becomes a failure")
    func endToEnd() async throws {
        let daemon = try daemon()
        try FileManager.default.createDirectory(
            at: daemon.root.appending(path: "inbox/sub"), withIntermediateDirectories: true)
        // One is there before the daemon is.
        try daemon.drop("baseline.jpg", as: "before.jpg")
        try daemon.start()
        try await daemon.watching()
        try daemon.drop("grey16.png", as: "sixteen.png")
        try daemon.drop("lossy.webp", as: "sub/web.webp")
        try daemon.drop("cmyk.jpg", as: "cmyk.jpg")
        try "Dear radiologist,\n".write(
            to: daemon.root.appending(path: "inbox/letter.jpg"), atomically: false, encoding: .utf8)
        try await daemon.until("five images have ended") { daemon.states().filter { $0 != "claimed" }.count == 5 }

        daemon.signal(SIGTERM)
        #expect(try await daemon.wait() == 0)
        #expect(daemon.states().sorted() == ["done", "done", "done", "done", "failed"])
        #expect(try daemon.files(in: "inbox") == [".gradcamd"])
        #expect(try daemon.files(in: "work").isEmpty)
        #expect(try daemon.files(in: "done").count == 4)
        let overlays = try daemon.files(in: "outbox")
        #expect(overlays.count == 4 && overlays.allSatisfy { $0.hasSuffix(".cam.jpg") })
        let failed = try daemon.files(in: "failed")
        #expect(failed.count == 2 && failed.contains { $0.hasSuffix("letter.jpg.txt") })
        let reasons = try daemon.log().map { $0["error_code"] }
        #expect(reasons.filter { $0 == .text("not_an_image") }.count == 1)
    }

    @Test("twenty images in a row give the same score to the same picture") func twenty() async throws {
        let daemon = try daemon()
        try daemon.start()
        try await daemon.watching()
        for index in 0..<20 { try daemon.drop("baseline.jpg", as: "\(index).jpg") }
        try await daemon.until("twenty are done") { daemon.states().filter { $0 == "done" }.count == 20 }
        #expect(try Set(daemon.log().map { "\($0["score"]) \($0["raw_max"])" }).count == 1)
    }

    @Test("killed in the middle, it loses nothing and doubles nothing") func killed() async throws {
        let daemon = try daemon("workers.count=2")
        try daemon.start()
        try await daemon.watching()
        for index in 0..<30 { try daemon.drop("baseline.jpg", as: "\(index).jpg") }
        for _ in 0..<3 {
            try await Task.sleep(for: .milliseconds(Int.random(in: 150...600)))
            daemon.kill()
            try daemon.start()
        }
        try await daemon.watching()
        try await daemon.until("all thirty are done") { daemon.states().filter { $0 == "done" }.count == 30 }
        daemon.signal(SIGTERM)
        #expect(try await daemon.wait() == 0)
        #expect(daemon.states().count == 30)
        #expect(try daemon.files(in: "outbox").count == 30)
        #expect(try daemon.files(in: "done").count == 30)
        #expect(try daemon.files(in: "work").isEmpty)
    }

    @Test("a worker that is killed costs an attempt, and is replaced") func workerKilled() async throws {
        let daemon = try daemon()
        try daemon.start()
        try await daemon.watching()
        for worker in try daemon.workers() { kill(worker, SIGKILL) }
        try daemon.drop("baseline.jpg", as: "a.jpg")
        try await daemon.until("it is done all the same") { daemon.states() == ["done"] }
        #expect(daemon.messages.contains("is replaced: The worker was ended by signal 9"))
        #expect(try daemon.log().first?["attempt"] == .integer(2))
    }

    @Test("a detector: each sign its own row and heat, one overlay for all; a picture without any keeps its row")
    func detector() async throws {
        let daemon = try RunningDaemon(
            model: RunningDaemon.fixture("signdet.torchscript"),
            settings: ["detections.explained=1", "overlay.objects=separate", "explanations.save_heat_maps=true"])
        try daemon.start()
        try await daemon.watching()
        for name in ["small-and-large.png", "empty.png"] {
            try FileManager.default.copyItem(
                atPath: RunningDaemon.fixture(name), toPath: daemon.root.appending(path: "inbox/\(name)").path)
        }
        try await daemon.until("both are done") { daemon.states() == ["done", "done"] }
        let rows = try daemon.log()
        let signs = try #require(rows.first { $0["name"] == .text("small-and-large.png") })
        #expect(signs["detections"] == .integer(2))
        #expect(signs["capped"] == .integer(1))
        #expect(signs["label"] == .text("no_entry"))
        #expect(signs["method"] == .text("local-gradcam"))
        let empty = try #require(rows.first { $0["name"] == .text("empty.png") })
        #expect(empty["detections"] == .integer(0))
        #expect(empty["label"] == .null)
        // Together and the one that is explained; the picture without any; a raw map.
        #expect(try daemon.files(in: "outbox").count == 4)
        #expect(try daemon.files(in: "outbox").filter { $0.hasSuffix(".heat.npy") }.count == 1)
        #expect(try daemon.files(in: "outbox").filter { $0.hasSuffix("small-and-large.png.cam-2.jpg") }.count == 1)
        #expect(daemon.messages.contains("2 found, the surest no_entry"))
        daemon.signal(SIGTERM)
        #expect(try await daemon.wait() == 0)
    }

    @Test("an inbox that is moved away stops nothing for good: back again, its images are explained") func inboxMoved()
        async throws
    {
        let daemon = try daemon()
        try daemon.start()
        try await daemon.watching()
        let inbox = daemon.root.appending(path: "inbox").path
        try #require(rename(inbox, inbox + "-elsewhere") == 0)
        try await daemon.until("it misses its inbox") { daemon.messages.contains("inbox is missing: it is gone") }
        try FileManager.default.copyItem(
            atPath: RunningDaemon.picture("baseline.jpg").path, toPath: inbox + "-elsewhere/a.jpg")
        try #require(rename(inbox + "-elsewhere", inbox) == 0)
        try await daemon.until("it is done") { daemon.states() == ["done"] }
        daemon.signal(SIGTERM)
        #expect(try await daemon.wait() == 0)
    }

    @Test("a second daemon on the same tree is refused") func lock() async throws {
        let first = try daemon()
        try first.start()
        try await first.watching()
        let second = try daemon("root=\(first.root.path)")
        try second.start()
        #expect(try await second.wait() == 78)
        #expect(second.messages.contains("Another gradcamd works on it already"))
    }

    @Test("a class that the detector does not have ends the start: it would fail every image") func wrongClass()
        async throws
    {
        let daemon = try RunningDaemon(
            model: RunningDaemon.fixture("signdet.torchscript"), settings: ["detections.classes=stop,cat"])
        try daemon.start()
        #expect(try await daemon.wait() == 78)
        #expect(daemon.messages.contains("detections.classes") && daemon.messages.contains("no_entry"))
    }

    @Test("settings that are wrong end the start with 78, all of them named") func wrongSettings() async throws {
        let daemon = try daemon("workers.threads=none", "overlay.stile=blend")
        try daemon.start()
        #expect(try await daemon.wait() == 78)
        #expect(daemon.messages.contains("workers.threads must be a whole number or auto, not \"none\""))
        #expect(daemon.messages.contains("Did you mean overlay.style?"))
    }

    @Test(
        "a model of no use ends the start with a status of its own and one sentence",
        arguments: [
            ("pickled.pt", Int32(3), "torch.save"), ("no-conv.pt", 4, "no grid to draw a map on"),
            ("text.pt", 65, "it is a text file"), ("missing.pt", 66, "cannot be found"),
        ])
    func uselessModel(name: String, status: Int32, sentence: String) async throws {
        let daemon = try RunningDaemon(model: RunningDaemon.fixture(name))
        try daemon.start()
        #expect(try await daemon.wait() == status)
        #expect(daemon.messages.contains(sentence), "\(daemon.messages)")
        #expect(daemon.messages.split(separator: "\n").count == 1, "\(daemon.messages)")
    }

    @Test("a model that others may write is not trusted: TorchScript is code") func untrusted() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "model-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let copy = folder.appending(path: "m.pt")
        try FileManager.default.copyItem(atPath: RunningDaemon.fixture("swish-scripted.pt"), toPath: copy.path)
        try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: copy.path)
        let daemon = try RunningDaemon(model: copy.path)
        try daemon.start()
        #expect(try await daemon.wait() == 77)
        #expect(daemon.messages.contains("chmod"))
    }
}
