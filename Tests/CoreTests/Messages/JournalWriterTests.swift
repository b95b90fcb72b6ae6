import Foundation
import Synchronization
import Testing

@testable import Core
@testable import Daemon

@Suite("Journal writer", .timeLimit(.minutes(1))) struct JournalWriterTests {
    /// A journald that takes entries only while it is let.
    private final class SlowJournal: Sendable {
        private let taken = Mutex<[JournalEntry]>([])
        let gate = DispatchSemaphore(value: 0)

        var messages: [String] { taken.withLock { $0.map(\.message) } }

        func take(_ entry: JournalEntry) -> Bool {
            gate.wait()
            gate.signal()
            taken.withLock { $0.append(entry) }
            return true
        }
    }

    private func entry(_ text: String) -> JournalEntry {
        var entry = JournalEntry()
        entry.append("MESSAGE", text)
        return entry
    }

    @Test("while journald takes nothing nobody waits; afterwards it gets every line, in its order") func order() {
        let journal = SlowJournal()
        let writer = JournalWriter { journal.take($0) }
        defer { writer.stop() }
        // Returns: nothing is taken, and yet all are written.
        for number in 0..<10_000 { writer.write(entry("\(number)")) }
        #expect(journal.messages.isEmpty)
        writer.flush(within: 0.01)
        #expect(journal.messages.isEmpty)
        journal.gate.signal()
        writer.flush(within: 30)
        #expect(journal.messages == (0..<10_000).map { "\($0)" })
    }

    @Test("beyond the limit lines are counted, and one says how many") func limit() {
        let journal = SlowJournal()
        // "MESSAGE=0" are 9 bytes: ten fit.
        let writer = JournalWriter(limit: 90) { journal.take($0) }
        defer { writer.stop() }
        for number in 0..<10 { writer.write(entry("\(number)")) }
        for _ in 0..<3 { writer.write(entry("x")) }
        journal.gate.signal()
        writer.flush(within: 30)
        #expect(
            journal.messages == (0..<10).map { "\($0)" } + ["3 lines are lost: journald took none for too long"])
        writer.write(entry("y"))
        writer.flush(within: 30)
        #expect(journal.messages.last == "y")
    }
}
