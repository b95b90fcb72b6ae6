import CSystemd
import Core
import Foundation
import Glibc
import Logging

/// Hands entries to journald one after the other, on a thread of its own: sd_journal_sendv(3) waits while journald's
/// queue is full, which under load it is, and for as long as journald is stopped. Nobody who logs waits for that.
///
/// - Note: `@unchecked Sendable`: everything that changes is only touched while `condition` is locked.
final class JournalWriter: @unchecked Sendable {
    /// Bytes of entries that wait: some hundred thousand images.
    static let limit = 64 << 20

    private let limit: Int
    private let send: @Sendable (JournalEntry) -> Bool
    private let condition = NSCondition()
    private var entries: [JournalEntry] = []
    private var bytes = 0
    private var isSending = false
    private var isStopped = false
    private var lost = 0

    /// - Parameter send: may block. - Returns: false where the journal took nothing.
    init(limit: Int = JournalWriter.limit, send: @escaping @Sendable (JournalEntry) -> Bool = JournalWriter.send) {
        self.limit = limit
        self.send = send
        let thread = Thread { [self] in work() }
        thread.start()
    }

    /// Returns at once. Beyond the limit entries are counted instead of kept, and a line says how many.
    func write(_ entry: JournalEntry) {
        condition.withLock {
            guard bytes + entry.bytes <= limit else { return lost += 1 }
            entries.append(entry)
            bytes += entry.bytes
            condition.broadcast()
        }
    }

    /// Waits until everything is handed over, at most for so long. Blocks: for the end of the program.
    func flush(within limit: TimeInterval) {
        let end = Date(timeIntervalSinceNow: limit)
        condition.withLock {
            while !entries.isEmpty || isSending { guard condition.wait(until: end) else { return } }
        }
    }

    /// Ends the thread when everything is handed over.
    func stop() {
        condition.withLock {
            isStopped = true
            condition.broadcast()
        }
    }

    // MARK: - The thread

    private func work() {
        while let batch = nextBatch() {
            for entry in batch {
                if !send(entry) { StandardError.write("gradcamd: \(entry.message)\n") }
                condition.withLock { bytes -= entry.bytes }
            }
            condition.withLock {
                isSending = false
                if lost > 0 {
                    entries.append(Self.entry(ofLost: lost))
                    bytes += entries.last?.bytes ?? 0
                    lost = 0
                }
                condition.broadcast()
            }
        }
    }

    private func nextBatch() -> [JournalEntry]? {
        condition.withLock {
            while entries.isEmpty && !isStopped { condition.wait() }
            guard !entries.isEmpty else { return nil }
            defer { entries = [] }
            isSending = true
            return entries
        }
    }

    private static func entry(ofLost count: Int) -> JournalEntry {
        var entry = JournalEntry()
        entry.append("MESSAGE", "\(count) lines are lost: journald took none for too long")
        entry.append("MESSAGE_ID", MessageKind.linesLost.rawValue)
        entry.append("PRIORITY", "\(MessageKind.linesLost.level.priority)")
        entry.append("SYSLOG_IDENTIFIER", "gradcamd")
        return entry
    }

    private static let send: @Sendable (JournalEntry) -> Bool = { entry in
        // The vectors point into one block, which stays where it is meanwhile.
        var block = entry.fields.flatMap(\.self)
        return block.withUnsafeMutableBytes { block in
            var vectors: [iovec] = []
            var offset = 0
            for field in entry.fields {
                vectors.append(iovec(iov_base: block.baseAddress.map { $0 + offset }, iov_len: field.count))
                offset += field.count
            }
            return sd_journal_sendv(vectors, Int32(vectors.count)) >= 0
        }
    }
}
