/// Numbers of the running service for a monitoring system. Counters begin at 0 with each start.
package struct MetricsReport: Codable, Equatable, Sendable {
    /// Images that came to their end; each is counted once.
    package struct Images: Codable, Equatable, Sendable {
        /// Explained, not reused.
        package var done: Int
        package var reused: Int
        package var failed: Int
        package var vanished: Int

        package init(done: Int, reused: Int, failed: Int, vanished: Int) {
            self.done = done
            self.reused = reused
            self.failed = failed
            self.vanished = vanished
        }
    }

    package struct Workers: Codable, Equatable, Sendable {
        package var busy: Int
        package var idle: Int
        /// Resident memory of all of them.
        package var residentBytes: Int64
        /// Workers that took the place of another, whether that had died or was replaced.
        package var restarts: Int

        package init(busy: Int, idle: Int, residentBytes: Int64, restarts: Int) {
            self.busy = busy
            self.idle = idle
            self.residentBytes = residentBytes
            self.restarts = restarts
        }

        private enum CodingKeys: String, CodingKey {
            case busy, idle, restarts
            case residentBytes = "resident_bytes"
        }
    }

    /// Files that stay in the inbox until a person does something.
    package struct LeftAlone: Codable, Equatable, Sendable {
        package var unreadable: Int
        package var ignored: Int
        package var special: Int
        package var tooDeep: Int

        package init(unreadable: Int, ignored: Int, special: Int, tooDeep: Int) {
            self.unreadable = unreadable
            self.ignored = ignored
            self.special = special
            self.tooDeep = tooDeep
        }

        private enum CodingKeys: String, CodingKey {
            case unreadable, ignored, special
            case tooDeep = "too_deep"
        }
    }

    package var version: String
    package var libtorch: String
    package var model: String
    /// Since 1970.
    package var startedSeconds: Double
    package var images: Images
    package var measurements: Measurements.Values
    package var queue: StatusReport.Queue
    /// How long that unfinished file has been known to this run of the service that became known first; 0 where there
    /// is none.
    package var oldestSeconds: Double
    package var workers: Workers
    package var leftAlone: LeftAlone
    package var isPaused: Bool
    /// Nothing is taken, or an image stands still, for a reason that passes.
    package var isWaiting: Bool
    package var isInboxMissing: Bool
    package var inotifyOverflows: Int
    package var space: StatusReport.Space
    package var log: StatusReport.Log
    /// Of the daemon itself.
    package var residentBytes: Int64

    package init(
        version: String, libtorch: String, model: String, startedSeconds: Double, images: Images,
        measurements: Measurements.Values, queue: StatusReport.Queue, oldestSeconds: Double, workers: Workers,
        leftAlone: LeftAlone, isPaused: Bool, isWaiting: Bool, isInboxMissing: Bool, inotifyOverflows: Int,
        space: StatusReport.Space, log: StatusReport.Log, residentBytes: Int64
    ) {
        self.version = version
        self.libtorch = libtorch
        self.model = model
        self.startedSeconds = startedSeconds
        self.images = images
        self.measurements = measurements
        self.queue = queue
        self.oldestSeconds = oldestSeconds
        self.workers = workers
        self.leftAlone = leftAlone
        self.isPaused = isPaused
        self.isWaiting = isWaiting
        self.isInboxMissing = isInboxMissing
        self.inotifyOverflows = inotifyOverflows
        self.space = space
        self.log = log
        self.residentBytes = residentBytes
    }

    private enum CodingKeys: String, CodingKey {
        case version, libtorch, model, images, measurements, queue, workers, space, log
        case startedSeconds = "started_seconds"
        case oldestSeconds = "oldest_seconds"
        case leftAlone = "left_alone"
        case isPaused = "paused"
        case isWaiting = "waiting"
        case isInboxMissing = "inbox_missing"
        case inotifyOverflows = "inotify_overflows"
        case residentBytes = "resident_bytes"
    }
}
