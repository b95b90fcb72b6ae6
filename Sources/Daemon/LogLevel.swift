import Logging
import Synchronization

/// The level of the log, which a reload may change.
final class LogLevel: Sendable {
    private let level: Mutex<Logger.Level>

    /// - Parameter name: of swift-log's levels.
    init(_ name: String) { level = Mutex(Logger.Level(rawValue: name) ?? .info) }

    var value: Logger.Level { level.withLock { $0 } }

    func set(_ name: String) { level.withLock { $0 = Logger.Level(rawValue: name) ?? $0 } }
}

/// Passes on what the level of the moment lets through; a logger may have one of its own.
struct LeveledLogHandler: LogHandler {
    let level: LogLevel
    private var inner: any LogHandler
    private var own: Logger.Level?

    init(_ inner: any LogHandler, _ level: LogLevel) {
        self.inner = inner
        self.level = level
    }

    var logLevel: Logger.Level {
        get { own ?? level.value }
        set { own = newValue }
    }

    var metadata: Logger.Metadata {
        get { inner.metadata }
        set { inner.metadata = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { inner[metadataKey: key] }
        set { inner[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) { inner.log(event: event) }
}
