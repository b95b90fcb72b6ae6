import Core
import Foundation
import Logging

/// One readable line for each message: the time of day, the level where it is not usual, the message. Colours only
/// on a terminal.
struct TerminalLogHandler: LogHandler {
    var logLevel: Logger.Level = .info
    var metadata: Logger.Metadata = [:]
    private let usesColors = isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let time = Timestamp.now.text.dropFirst(11).prefix(8)
        let level =
            switch event.level {
            case .info, .notice: ""
            default: paint("\(event.level.rawValue): ", event.level >= .error ? "31" : "33")
            }
        StandardError.write("\(time) \(level)\("\(event.message)".readable)\n")
    }

    private func paint(_ text: String, _ color: String) -> String {
        usesColors ? "\u{1B}[\(color)m\(text)\u{1B}[0m" : text
    }
}
