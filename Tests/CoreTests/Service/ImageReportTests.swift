import Logging
import Synchronization
import SystemPackage
import Testing

@testable import Core

@Suite("Image report") struct ImageReportTests {
    private let folder: TemporaryFolder
    private let tree: Tree
    private let store: Store
    private let events = Events()

    init() throws {
        folder = try TemporaryFolder()
        tree = try Tree(root: folder.path)
        store = try Store(path: folder.path.appending("log.db"))
        try store.startRun(
            RunRecord(version: "1", modelFile: "/m", model: Samples.model, workers: 1))
    }

    private var journal: Journal { Journal(tree: tree, store: store, logger: events.logger) }

    private func claim(_ name: String = "cat.jpg") async throws -> Claim {
        try folder.write("picture", to: "inbox/\(name)")
        let file = InboxFile(name: try #require(FileName(name)))
        return try #require(try await journal.claim(file, in: tree.inbox))
    }

    // printf picture | sha256sum
    private let sha256 = "2cea274d0bedc39ec4ab6ba9e59ec889e3ed6fb56a1cf088a64d9b383378dc97"

    @Test("an image that was explained") func done() async throws {
        var explanation = Samples.explanation(label: "tabby\ncat", score: 0.7512)
        explanation.milliseconds.forward = 30.6
        ImageReport(try await claim(), events.logger).done(explanation, [FilePath(bytes: [0x2F, 0xFF])])
        let event = try #require(events.all.last)
        #expect(event.level == .info && event.text == "cat.jpg: tabby\u{FFFD}cat 75.1 %")
        #expect(
            event.fields == [
                "MESSAGE_ID": MessageKind.imageDone.rawValue, "GRADCAM_IMAGE": "cat.jpg", "GRADCAM_ID": "1",
                "GRADCAM_ATTEMPT": "1", "GRADCAM_STATE": "done", "GRADCAM_SHA256": sha256,
                "GRADCAM_LABEL": "tabby\ncat", "GRADCAM_SCORE": "0.7512", "GRADCAM_MS": "31",
                "GRADCAM_OVERLAY": "/\u{FFFD}",
            ])
    }

    @Test("one that took over what an earlier one was: the label is that one's") func reused() async throws {
        ImageReport(try await claim(), events.logger).reused(
            Reuse(arrival: 7, overlays: ["/o/1.jpg"], best: (label: "cat", score: 0.5)))
        let event = try #require(events.all.last)
        #expect(event.level == .info)
        #expect(event.text == "cat.jpg: the same content as image 7, explained before: cat 50.0 %")
        #expect(event.fields["MESSAGE_ID"] == MessageKind.imageReused.rawValue)
        #expect(event.fields["GRADCAM_SAME_AS"] == "7" && event.fields["GRADCAM_STATE"] == "done")
        #expect(event.fields["GRADCAM_LABEL"] == "cat" && event.fields["GRADCAM_SCORE"] == "0.5")
        #expect(event.fields["GRADCAM_MS"] == "0" && event.fields["GRADCAM_SHA256"] == sha256)
    }

    @Test("one that failed, waits, or is tried again: a warning with the code, and the state of its row")
    func failed() async throws {
        let report = ImageReport(try await claim(), events.logger)
        report.failed(Failure(.notAnImage, "No.", remedy: "Delete it."))
        report.waits(Failure(.diskFull, "Full."))
        report.attemptFailed(Failure(.workerCrashed, "Gone."))
        #expect(events.all.map(\.level) == [.warning, .warning, .warning])
        #expect(
            events.all.map { $0.fields["MESSAGE_ID"] } == [
                MessageKind.imageFailed.rawValue, MessageKind.imageWaits.rawValue, MessageKind.attemptFailed.rawValue,
            ])
        #expect(events.all.map { $0.fields["GRADCAM_STATE"] } == ["failed", "waiting", "claimed"])
        #expect(events.all.map { $0.fields["GRADCAM_ERROR"] } == ["not_an_image", "disk_full", "worker_crashed"])
        #expect(events.all[0].text == "cat.jpg failed: No. Delete it.")
    }

    @Test("one that somebody took away, while the service runs and while it does not") func vanished() async throws {
        let first = try await claim("a.jpg")
        try first.folder.remove(first.name)
        try await journal.vanish(first)
        let second = try await claim("b.jpg")
        try second.folder.remove(second.name)
        #expect(try await journal.recover().isEmpty)
        #expect(events.all.map(\.level) == [.warning, .warning])
        #expect(events.all.map { $0.fields["GRADCAM_IMAGE"] } == ["a.jpg", "b.jpg"])
        for event in events.all {
            #expect(event.fields["MESSAGE_ID"] == MessageKind.imageVanished.rawValue)
            #expect(event.fields["GRADCAM_STATE"] == "vanished" && event.fields["GRADCAM_SHA256"] == sha256)
        }
    }

    /// Keeps lines with their fields as text.
    private final class Events: Sendable {
        struct Event: Sendable {
            let level: Logger.Level
            let text: String
            let fields: [String: String]
        }

        private let kept = Mutex<[Event]>([])

        var all: [Event] { kept.withLock { $0 } }

        var logger: Logger { Logger(label: "test") { _ in Handler(events: self) } }

        private struct Handler: LogHandler {
            let events: Events
            var logLevel = Logger.Level.info
            var metadata: Logger.Metadata = [:]

            subscript(metadataKey key: String) -> Logger.Metadata.Value? {
                get { metadata[key] }
                set { metadata[key] = newValue }
            }

            func log(event: LogEvent) {
                let fields = (event.metadata ?? [:]).mapValues { "\($0)" }
                events.kept.withLock {
                    $0.append(Event(level: event.level, text: "\(event.message)", fields: fields))
                }
            }
        }
    }
}
