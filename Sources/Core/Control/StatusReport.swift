/// How the service is: `gradcam status --json` prints it as it is. Times are ISO 8601 in UTC, sizes are bytes, names
/// are readable text (a byte that is no UTF-8 is U+FFFD).
package struct StatusReport: Codable, Equatable, Sendable {
    /// What the service does with the images that come.
    package enum State: String, Codable, CaseIterable, Sendable {
        case running
        /// A person said so; `reason` is theirs.
        case paused
        /// For something that is not the images' fault, as a full disk; goes on by itself.
        case waiting
        /// Moved, deleted or unmounted; goes on by itself when it is back.
        case inboxMissing = "inbox_missing"
    }

    package struct Model: Codable, Equatable, Sendable {
        package var name: String
        package var file: RawPath

        package init(name: String, file: RawPath) {
            self.name = name
            self.file = file
        }
    }

    /// Images that are not finished, by where they are.
    package struct Queue: Codable, Equatable, Sendable {
        /// In the inbox, and perhaps still being written.
        package var settling: Int
        /// In the inbox, whole, next in line.
        package var ready: Int
        /// Claimed, at a worker or next to be.
        package var inWork: Int
        /// Claimed, and tried again later for a reason that is not theirs.
        package var waiting: Int
        /// There are more names in the inbox than are kept in memory: `settling` and `ready` are not all.
        package var moreInInbox: Bool

        package init(settling: Int, ready: Int, inWork: Int, waiting: Int, moreInInbox: Bool) {
            self.settling = settling
            self.ready = ready
            self.inWork = inWork
            self.waiting = waiting
            self.moreInInbox = moreInInbox
        }

        private enum CodingKeys: String, CodingKey {
            case settling, ready, waiting
            case inWork = "in_work"
            case moreInInbox = "more_in_inbox"
        }
    }

    /// Images that were finished since the service started.
    package struct Totals: Codable, Equatable, Sendable {
        package var done: Int
        package var failed: Int
        /// Of `done`: those whose explanation was that of an equal image.
        package var reused: Int

        package init(done: Int, failed: Int, reused: Int) {
            self.done = done
            self.failed = failed
            self.reused = reused
        }
    }

    /// Finished images a minute, over the last 1, 5 and 60 minutes (or since the start, where that is less).
    package struct Rates: Codable, Equatable, Sendable {
        package var minute: Double
        package var fiveMinutes: Double
        package var hour: Double

        package init(minute: Double, fiveMinutes: Double, hour: Double) {
            self.minute = minute
            self.fiveMinutes = fiveMinutes
            self.hour = hour
        }

        private enum CodingKeys: String, CodingKey {
            case minute = "1min"
            case fiveMinutes = "5min"
            case hour = "60min"
        }
    }

    package struct LastError: Codable, Equatable, Sendable {
        package var time: String
        package var name: String
        package var code: Failure.Code
        package var message: String
        package var remedy: String

        package init(time: String, name: String, code: Failure.Code, message: String, remedy: String) {
            self.time = time
            self.name = name
            self.code = code
            self.message = message
            self.remedy = remedy
        }
    }

    package struct Space: Codable, Equatable, Sendable {
        /// Free on the file system of the tree.
        package var rootBytes: Int64
        /// Free on the file system of the log.
        package var logBytes: Int64
        /// Below this nothing is claimed.
        package var neededBytes: Int64

        package init(rootBytes: Int64, logBytes: Int64, neededBytes: Int64) {
            self.rootBytes = rootBytes
            self.logBytes = logBytes
            self.neededBytes = neededBytes
        }

        private enum CodingKeys: String, CodingKey {
            case rootBytes = "root_bytes"
            case logBytes = "log_bytes"
            case neededBytes = "needed_bytes"
        }
    }

    package struct Worker: Codable, Equatable, Sendable {
        package var pid: Int32
        package var residentBytes: Int64
        /// Finished by this process.
        package var images: Int
        /// How long it has been at its present image; absent where it is idle.
        package var busySeconds: Double?

        package init(pid: Int32, residentBytes: Int64, images: Int, busySeconds: Double?) {
            self.pid = pid
            self.residentBytes = residentBytes
            self.images = images
            self.busySeconds = busySeconds
        }

        private enum CodingKeys: String, CodingKey {
            case pid, images
            case residentBytes = "resident_bytes"
            case busySeconds = "busy_seconds"
        }
    }

    package struct Inbox: Codable, Equatable, Sendable {
        package enum Mode: String, Codable, CaseIterable, Sendable { case watching, polling }

        package var path: RawPath
        package var mode: Mode
        /// Why it is polled; absent where it is not.
        package var reason: String?
        /// Folders that inotify watches.
        package var watches: Int
        /// Folders that are polled, for the kernel gives no more watches.
        package var unwatchedFolders: Int
        /// How often the kernel dropped events since the start; each time the inbox was looked through again.
        package var overflows: Int
        /// Of `queue.settling`: files that somebody has open for writing.
        package var openForWriting: Int
        /// Of `queue.settling`: files that end before their picture does.
        package var incomplete: Int
        /// Files that may not be read.
        package var unreadable: Names
        /// Files that have been ignored for more than an hour by their name.
        package var ignored: Names
        /// Links, FIFOs, sockets, devices.
        package var special: Names
        /// Files in folders below too many others.
        package var tooDeep: Names

        package init(
            path: RawPath, mode: Mode, reason: String? = nil, watches: Int, unwatchedFolders: Int = 0,
            overflows: Int = 0, openForWriting: Int = 0, incomplete: Int = 0, unreadable: Names = Names(),
            ignored: Names = Names(), special: Names = Names(), tooDeep: Names = Names()
        ) {
            self.path = path
            self.mode = mode
            self.reason = reason
            self.watches = watches
            self.unwatchedFolders = unwatchedFolders
            self.overflows = overflows
            self.openForWriting = openForWriting
            self.incomplete = incomplete
            self.unreadable = unreadable
            self.ignored = ignored
            self.special = special
            self.tooDeep = tooDeep
        }

        private enum CodingKeys: String, CodingKey {
            case path, mode, reason, watches, overflows, incomplete, unreadable, ignored, special
            case unwatchedFolders = "unwatched_folders"
            case openForWriting = "open_for_writing"
            case tooDeep = "too_deep"
        }
    }

    /// Files of the inbox that stay there until a person does something.
    package struct Names: Codable, Equatable, Sendable {
        package var count: Int
        /// At most 20.
        package var first: [String]

        package init(count: Int = 0, first: [String] = []) {
            self.count = count
            self.first = first
        }
    }

    package struct Log: Codable, Equatable, Sendable {
        package var file: RawPath
        package var bytes: Int64
        /// Of the write-ahead log beside it.
        package var walBytes: Int64

        package init(file: RawPath, bytes: Int64, walBytes: Int64) {
            self.file = file
            self.bytes = bytes
            self.walBytes = walBytes
        }

        private enum CodingKeys: String, CodingKey {
            case file, bytes
            case walBytes = "wal_bytes"
        }
    }

    package var state: State
    /// Why it does not run; absent where it does.
    package var reason: String?
    /// When it came into this state.
    package var since: String
    /// Of gradcamd.
    package var version: String
    package var pid: Int32
    package var startedAt: String
    package var model: Model
    package var queue: Queue
    package var totals: Totals
    package var rates: Rates
    /// Newest first, at most 5.
    package var lastErrors: [LastError]
    package var space: Space
    package var workers: [Worker]
    package var inbox: Inbox
    package var log: Log

    package init(
        state: State, reason: String? = nil, since: String, version: String, pid: Int32, startedAt: String,
        model: Model, queue: Queue, totals: Totals, rates: Rates, lastErrors: [LastError], space: Space,
        workers: [Worker], inbox: Inbox, log: Log
    ) {
        self.state = state
        self.reason = reason
        self.since = since
        self.version = version
        self.pid = pid
        self.startedAt = startedAt
        self.model = model
        self.queue = queue
        self.totals = totals
        self.rates = rates
        self.lastErrors = lastErrors
        self.space = space
        self.workers = workers
        self.inbox = inbox
        self.log = log
    }

    private enum CodingKeys: String, CodingKey {
        case state, reason, since, version, pid, model, queue, totals, rates, space, workers, inbox, log
        case startedAt = "started_at"
        case lastErrors = "last_errors"
    }
}
