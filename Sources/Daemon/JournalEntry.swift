import Core
import Glibc
import Logging

/// One entry of the journal: fields, each "NAME=value" as bytes. A value may hold anything, also line feeds and NUL;
/// sd_journal_sendv(3) takes lengths.
struct JournalEntry: Equatable {
    private(set) var fields: [[UInt8]] = []

    /// The longest value, so that an entry fits into one datagram (net.core.wmem_max is 208 KiB). A line for people
    /// that long would be a mistake.
    static let longestValue = 48 << 10

    init() {}

    init(_ event: LogEvent, metadata: Logger.Metadata, identifier: String) {
        append("MESSAGE", Array("\(event.message)".utf8))
        append("PRIORITY", "\(event.level.priority)")
        append("SYSLOG_IDENTIFIER", identifier)
        append("CODE_FILE", event.file)
        append("CODE_LINE", "\(event.line)")
        append("CODE_FUNC", event.function)
        for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }) {
            if case .stringConvertible(let value as JournalBytes) = value {
                append(key, value.bytes)
            } else {
                append(key, "\(value)")
            }
        }
    }

    mutating func append(_ name: String, _ value: String) { append(name, Array(value.utf8)) }

    mutating func append(_ name: String, _ value: [UInt8]) {
        fields.append(Array("\(name)=".utf8) + value.prefix(Self.longestValue))
    }

    var bytes: Int { fields.reduce(0) { $0 + $1.count } }

    /// What people read, where the journal takes nothing.
    var message: String {
        let prefix = Array("MESSAGE=".utf8)
        return String(readable: fields.first { $0.starts(with: prefix) }?.dropFirst(prefix.count) ?? [])
    }
}

extension Logger.Level {
    var priority: Int32 {
        switch self {
        case .trace, .debug: LOG_DEBUG
        case .info: LOG_INFO
        case .notice: LOG_NOTICE
        case .warning: LOG_WARNING
        case .error: LOG_ERR
        case .critical: LOG_CRIT
        }
    }
}
