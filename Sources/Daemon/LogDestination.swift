import Core
import Foundation
import Logging

/// Where log lines go: to journald with fields when systemd runs us, else readable to the terminal.
enum LogDestination {
    static func logger(level: String) -> Logger {
        // systemd sets this for services whose output goes to the journal; systemd.exec(5).
        let isService = ProcessInfo.processInfo.environment["JOURNAL_STREAM"] != nil && isatty(STDERR_FILENO) == 0
        var logger = Logger(label: "gradcamd") { label in
            if isService { JournalLogHandler(label: label) } else { TerminalLogHandler() }
        }
        logger.logLevel = Logger.Level(rawValue: level) ?? .info
        return logger
    }
}
