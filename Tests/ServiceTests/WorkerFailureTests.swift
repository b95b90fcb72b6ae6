import Core
import Foundation
import Testing

/// The real daemon with real workers that die, hang, or have no memory: one image pays, the others go on.
@Suite("Worker failures", .timeLimit(.minutes(3))) struct WorkerFailureTests {
    private func daemon(_ settings: String...) async throws -> RunningDaemon {
        let daemon = try RunningDaemon(model: RunningDaemon.fixture("swish-scripted.pt"), settings: settings)
        try daemon.start()
        try await daemon.until("it watches its inbox") { daemon.messages.contains("watching ") }
        return daemon
    }

    private func drop(_ side: Int, as name: String, into daemon: RunningDaemon) throws {
        // Made elsewhere and renamed, so that it is whole from the first moment.
        let path = daemon.root.appending(path: name).path
        try HugePicture.write(side: side, to: path)
        try FileManager.default.moveItem(atPath: path, toPath: daemon.root.appending(path: "inbox/\(name)").path)
    }

    @Test("an image that no worker has memory for goes to failed/ after three attempts; the others are explained")
    func memory() async throws {
        // It takes 1.2 GB; libtorch and the network somewhat less than 1 GB of address space.
        let daemon = try await daemon("limits.worker_memory_bytes=2000000000", "limits.max_pixels=400000000")
        try drop(20_000, as: "huge.bmp", into: daemon)
        for name in ["a.jpg", "b.jpg", "c.jpg"] { try daemon.drop("baseline.jpg", as: name) }
        try await daemon.until("four images have ended") { daemon.states().filter { $0 != "claimed" }.count == 4 }
        #expect(daemon.states().sorted() == ["done", "done", "done", "failed"])
        let huge = try #require(daemon.log().first { $0["name"] == .text("huge.bmp") })
        #expect(huge["error_code"] == .text("out_of_memory") && huge["attempt"] == .integer(3))
        let note = try #require(daemon.files(in: "failed").first { $0.hasSuffix(".txt") })
        let text = try String(contentsOf: daemon.root.appending(path: "failed/\(note)"), encoding: .utf8)
        #expect(text.contains("20000 x 20000 pixels") && text.contains("limits.worker_memory_bytes"))
        #expect(daemon.messages.components(separatedBy: "is replaced: There is not enough memory").count == 4)
        daemon.signal(SIGTERM)
        #expect(try await daemon.wait() == 0)
    }

    @Test("an image that takes too long to decode fails at its first attempt") func decodeOverdue() async throws {
        let daemon = try await daemon("limits.decode_seconds=0.001")
        try drop(9_984, as: "large.bmp", into: daemon)
        try await daemon.until("it has failed") { daemon.states() == ["failed"] }
        let row = try #require(daemon.log().first)
        #expect(row["error_code"] == .text("decode_overdue") && row["attempt"] == .integer(1))
    }

    @Test("a worker that hangs is killed at its deadline, and another explains the image") func hang() async throws {
        let daemon = try await daemon("workers.deadline_seconds=10")
        for worker in try daemon.workers() { kill(worker, SIGSTOP) }
        try daemon.drop("baseline.jpg", as: "a.jpg")
        try await daemon.until("it is done all the same") { daemon.states() == ["done"] }
        #expect(try daemon.log().first?["attempt"] == .integer(2))
        #expect(daemon.messages.contains("The worker did not answer within 10.0 s and was killed."))
    }

    @Test("after so many images a worker is replaced, and one line says why") func replaced() async throws {
        let daemon = try await daemon("workers.replace_after_images=2")
        let first = try daemon.workers()
        for name in ["a.jpg", "b.jpg"] { try daemon.drop("baseline.jpg", as: name) }
        try await daemon.until("another worker took over") {
            try daemon.workers().count == 1 && daemon.workers() != first
        }
        try daemon.drop("baseline.jpg", as: "c.jpg")
        try await daemon.until("three are done") { daemon.states() == ["done", "done", "done"] }
        #expect(daemon.messages.contains("is replaced: it explained 2 images (workers.replace_after_images)"))
    }

    @Test("workers do not outlive a daemon that is killed, not even in the middle of an image") func orphans()
        async throws
    {
        let daemon = try await daemon("workers.count=2")
        let workers = try daemon.workers()
        #expect(workers.count == 2)
        for name in ["a.bmp", "b.bmp"] { try drop(9_984, as: name, into: daemon) }
        try await daemon.until("both are at a worker") { daemon.states() == ["claimed", "claimed"] }
        daemon.kill()
        try await daemon.until("the workers are gone") { workers.allSatisfy(hasEnded) }
        // They did not finish first.
        #expect(try daemon.files(in: "outbox").isEmpty)
        try daemon.start()
        try await daemon.until("both are done") { daemon.states() == ["done", "done"] }
        #expect(try daemon.log().map { $0["attempt"] } == [.integer(2), .integer(2)])
        #expect(try daemon.files(in: "outbox").count == 2)
    }

    /// Gone, or waiting for somebody to ask how it ended.
    private func hasEnded(_ process: Int32) -> Bool {
        guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8) else { return true }
        return status.contains("State:\tZ")
    }
}
