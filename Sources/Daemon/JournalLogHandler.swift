import Logging

/// Sends log lines to journald with their metadata as fields, so that `journalctl GRADCAM_IMAGE=cat.jpg` finds them.
struct JournalLogHandler: LogHandler {
    var logLevel: Logger.Level = .info
    var metadata: Logger.Metadata = [:]
    let label: String
    let writer: JournalWriter

    init(label: String, writer: JournalWriter) {
        self.label = label
        self.writer = writer
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { writer.write(JournalEntry(event, metadata: metadata, identifier: label)) }
}
