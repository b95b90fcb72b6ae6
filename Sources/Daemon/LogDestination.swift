import Core
import Foundation
import Logging

/// Where log lines go: to journald with fields when systemd runs us, else readable to the terminal.
struct LogDestination: Sendable {
    private let journal: JournalWriter?

    init() {
        // systemd sets this for services whose output goes to the journal; systemd.exec(5).
        let isService = ProcessInfo.processInfo.environment["JOURNAL_STREAM"] != nil && isatty(STDERR_FILENO) == 0
        journal = isService ? JournalWriter() : nil
    }

    func logger(level: LogLevel) -> Logger {
        Logger(label: "gradcamd") { label in
            LeveledLogHandler(
                journal.map { JournalLogHandler(label: label, writer: $0) } ?? TerminalLogHandler(), level)
        }
    }

    /// Why the program ends.
    func tellEnd(_ reason: String, status: Int32) {
        if journal == nil { return StandardError.write("gradcamd: \(reason)\n") }
        logger(level: LogLevel("info")).log(.ended, "\(reason)", metadata: ["EXIT_STATUS": "\(status)"])
    }

    /// Before the program ends: a line that is not handed over is lost. journald that does not take any for so long
    /// must not keep the service from its end.
    func flush() { journal?.flush(within: 5) }
}
