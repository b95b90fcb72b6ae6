import Foundation
import Testing

/// The daemon while nothing comes.
@Suite("Rest", .timeLimit(.minutes(3))) struct RestTests {
    @Test("looking at the inbox wakes the watcher's own thread alone: those of the pool end")
    func threads() async throws {
        let daemon = try RunningDaemon(
            model: RunningDaemon.fixture("swish-scripted.pt"), settings: ["inbox.rescan_seconds=1"])
        try daemon.start()
        try await daemon.watching()
        // Five seconds without a job end a thread of libdispatch's pool; the inbox is looked at more often.
        try await daemon.until("no thread of the pool is left") {
            let threads = try daemon.threads()
            return threads.contains("inbox") && !threads.contains { $0.hasSuffix("default-qos") }
        }
    }
}
