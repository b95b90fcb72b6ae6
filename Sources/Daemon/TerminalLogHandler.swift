import Core
import Foundation
import Logging

/// One readable line for each message: the time of day in UTC, the level where it is not usual, the message, and of
/// an image what it took and where its overlay is. Colours only on a terminal.
struct TerminalLogHandler: LogHandler {
    var logLevel: Logger.Level = .info
    var metadata: Logger.Metadata = [:]
    private let usesColors: Bool
    private let write: @Sendable (String) -> Void

    init() {
        self.init(
            usesColors: isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil,
            write: StandardError.write)
    }

    init(usesColors: Bool, write: @escaping @Sendable (String) -> Void) {
        self.usesColors = usesColors
        self.write = write
    }

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
        let details = details(metadata.merging(event.metadata ?? [:]) { $1 })
        write("\(time) \(level)\("\(event.message)".readable)\(details.isEmpty ? "" : paint(details, "2"))\n")
    }

    private func details(_ fields: Logger.Metadata) -> String {
        var details = fields["GRADCAM_MS"].map { "  \($0) ms" } ?? ""
        if let overlay = fields["GRADCAM_OVERLAY"] { details += "  -> \(overlay)" }
        return details.readable
    }

    private func paint(_ text: String, _ color: String) -> String {
        usesColors ? "\u{1B}[\(color)m\(text)\u{1B}[0m" : text
    }
}
