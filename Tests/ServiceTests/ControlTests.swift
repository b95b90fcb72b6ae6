import Core
import Foundation
import Glibc
import Testing

/// The running service and the commands that ask it.
@Suite("Control", .timeLimit(.minutes(3))) struct ControlTests {
    private func started(_ settings: String...) async throws -> RunningDaemon {
        let daemon = try RunningDaemon(model: RunningDaemon.fixture("swish-scripted.pt"), settings: settings)
        try await start(daemon)
        return daemon
    }

    private func start(_ daemon: RunningDaemon) async throws {
        try daemon.start()
        try await daemon.watching()
    }

    private func inbox(_ daemon: RunningDaemon, _ name: String) -> String {
        daemon.root.appending(path: "inbox/\(name)").path
    }

    @Test("sync returns when everything that was dropped before is explained") func sync() async throws {
        let daemon = try await started()
        for index in 0..<12 { try daemon.drop("baseline.jpg", as: "\(index).jpg") }
        try daemon.drop("grey.png", as: "last.png")
        let result = try await daemon.ask("sync")
        #expect(result.status == 0, "\(result.text)")
        #expect(daemon.states().filter { $0 == "done" }.count == 13)
        // The same picture twelve times; the second was claimed already when the first was explained.
        let status = try await daemon.json("status")
        let totals = try #require(status["totals"] as? [String: Any])
        #expect(totals["done"] as? Int == 13 && totals["reused"] as? Int == 10)
    }

    @Test("sync says what it does not wait for, and exits with 75") func syncHeld() async throws {
        let daemon = try await started()
        try Data("half".utf8).write(to: URL(filePath: inbox(daemon, "x.jpg.part")))
        let descriptor = open(inbox(daemon, "slow.jpg"), O_CREAT | O_WRONLY, 0o644)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        try #require(write(descriptor, "half", 4) == 4)
        try daemon.drop("grey.png", as: "good.png")
        let result = try await daemon.ask("sync", "--timeout", "30")
        #expect(result.status == 75, "\(result.text)")
        #expect(result.text.contains("slow.jpg") && result.text.contains("open for writing"), "\(result.text)")
        #expect(daemon.states() == ["done"])
    }

    @Test("why names what keeps a file, whatever that is") func why() async throws {
        let daemon = try await started()
        try Data("half".utf8).write(to: URL(filePath: inbox(daemon, "x.jpg.part")))
        try FileManager.default.createSymbolicLink(
            atPath: inbox(daemon, "link.jpg"), withDestinationPath: "/etc/passwd")
        try daemon.drop("grey.png", as: "good.png")
        try Data("Dear radiologist,\n".utf8).write(to: URL(filePath: inbox(daemon, "letter.jpg")))
        _ = try await daemon.ask("sync")
        let expected = [
            ("inbox/x.jpg.part", "ignored", "*.part"), ("inbox/link.jpg", "link", "never followed"),
            ("inbox/good.png", "done", "is explained"), ("inbox/letter.jpg", "failed", "not a picture"),
            ("inbox/nothing.jpg", "absent", "never was"), ("gradcamd.yaml", "outside", "below"),
        ]
        for (name, state, words) in expected {
            let report = try await daemon.json("why", daemon.root.appending(path: name).path)
            #expect(report["state"] as? String == state, "\(name): \(report)")
            #expect((report["sentence"] as? String)?.contains(words) == true, "\(name): \(report)")
        }
    }

    @Test("paused, nothing is taken, also after a restart; resumed, everything is") func pause() async throws {
        let daemon = try await started()
        #expect(try await daemon.ask("pause", "--reason", "the model is wrong").status == 0)
        try daemon.drop("grey.png", as: "a.png")
        daemon.kill()
        try await start(daemon)
        try daemon.drop("baseline.jpg", as: "b.jpg")
        try await daemon.until("both are whole") {
            (try await daemon.json("status")["queue"] as? [String: Any])?["ready"] as? Int == 2
        }
        let status = try await daemon.json("status")
        #expect(status["state"] as? String == "paused" && status["reason"] as? String == "the model is wrong")
        #expect(try await daemon.json("why", inbox(daemon, "a.png"))["state"] as? String == "held")
        #expect(daemon.states().isEmpty)
        #expect(try await daemon.ask("sync").status == 75)
        #expect(try await daemon.ask("resume").status == 0)
        #expect(try await daemon.ask("sync").status == 0)
        #expect(daemon.states() == ["done", "done"])
    }

    @Test("failed images are tried again, explained ones explained once more beside the old result")
    func repetitions() async throws {
        let daemon = try await started()
        try Data("Dear radiologist,\n".utf8).write(to: URL(filePath: inbox(daemon, "letter.jpg")))
        try daemon.drop("grey.png", as: "good.png")
        _ = try await daemon.ask("sync")
        #expect(try await daemon.ask("retry", "--all-failed").status == 0)
        #expect(try await daemon.ask("reexplain", "--all").status == 0)
        try await daemon.until("it has failed again, and there is a third row") {
            daemon.messages.components(separatedBy: "letter.jpg failed").count == 3 && daemon.states().count == 3
                && !daemon.states().contains("claimed")
        }
        #expect(daemon.states().sorted() == ["done", "done", "failed"])
        #expect(try daemon.log().filter { $0["reexplains"] != .null }.count == 1)
        #expect(try daemon.files(in: "failed").count == 2)
        #expect(try daemon.files(in: "done").count == 1)
        #expect(try await daemon.ask("retry", "999").status == 1)
    }

    @Test("a disk without room: images wait in the inbox, and status says why") func room() async throws {
        let daemon = try await started("limits.min_free_bytes=9000000000000000000")
        try daemon.drop("grey.png", as: "a.png")
        try await daemon.until("it waits") { try await daemon.json("status")["state"] as? String == "waiting" }
        let reason = try await daemon.json("status")["reason"] as? String
        #expect(reason?.contains("must be free") == true)
        #expect(try daemon.files(in: "inbox").contains("a.png"))
        #expect(daemon.states().isEmpty)
        daemon.signal(SIGTERM)
        #expect(try await daemon.wait() == 0)
    }

    @Test("people who see the share only read there what the service does") func statusFile() async throws {
        let daemon = try await started("inbox.status_file=true")
        try Data("Dear radiologist,\n".utf8).write(to: URL(filePath: inbox(daemon, "letter.jpg")))
        try await daemon.until("the file tells of the failure") {
            try String(contentsOfFile: inbox(daemon, "_STATUS.txt"), encoding: .utf8).contains("letter.jpg: ")
        }
        let text = try String(contentsOfFile: inbox(daemon, "_STATUS.txt"), encoding: .utf8)
        #expect(text.contains("gradcamd is running.") && text.contains("1 failed"))
        daemon.signal(SIGTERM)
        #expect(try await daemon.wait() == 0)
        #expect(try String(contentsOfFile: inbox(daemon, "_STATUS.txt"), encoding: .utf8).contains("is stopped"))
        #expect(daemon.states() == ["failed"])
    }
}
