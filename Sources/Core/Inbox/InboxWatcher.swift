import Glibc
package import Logging
import ServiceLifecycle
package import SystemPackage

/// Hands out the files of the inbox, each when it is whole.
///
/// A directory is watched first and scanned afterwards, both through the same descriptor: what was there and what
/// comes meanwhile are both found. The inbox itself is the queue; here are only names, and not many of them.
///
/// Its parts: events (+Events), scans (+Scanning), whether a file is whole (+Judging), whether the inbox is still
/// ours (+Identity), and what it says of itself (+Answers, InboxBarrier).
package actor InboxWatcher: Service {
    private let executor: PollingThread
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    let marker: InboxMarker
    var settings: Settings.Inbox
    let limits: InboxLimits
    let logger: Logger
    let onMissing: @Sendable (String?) -> Void
    let isKnown: @Sendable (FileStatus) -> Bool
    let inotify: Inotify
    let clock = ContinuousClock()

    /// The inbox at present.
    package internal(set) var directory: Directory
    var way: WatchWay
    /// Why nothing is taken; `nil` where the inbox is there.
    var missing: String?
    /// Whether this run has found or put its marker there already.
    var isMarked = false
    var nextCheck: ContinuousClock.Instant

    var settling: Settling
    var ready = ReadyQueue()
    /// Not yet `taken` or `putBack`.
    var handedOut: [InboxFile: Settling.Place] = [:]
    var sightings = Sightings()
    var reports: [Sightings.Kind: Int] = [:]

    var watched: [Int32: [FileName]] = [:]
    var rootWatch: Int32?
    /// Folders that are polled for want of watches.
    var unwatched: Set<[FileName]> = []
    var hasWarnedOfWatches = false
    var overflows = 0

    /// The folders that are being scanned, each inside the one before or announced by an event.
    var scanned: [OpenFolder] = []
    var isFullScan = false
    /// A folder could not be read for a reason that passes.
    var hasScanFailed = false
    /// What was logged of it last.
    var lastFault: String?
    /// Of the full scan that began last, and of the one that ended last.
    var scanNumber = 0
    var completedScan = 0
    /// How often nothing was left to scan.
    var idleCount = 0
    /// New folders that events announced.
    var announced: [[FileName]] = []
    /// The scan stands still, for there is no room for more names.
    var isPaused = false
    var mustRescan = true
    /// An event's file was left out for want of room.
    var skipped = false
    var nextRescan: ContinuousClock.Instant
    var nextPoll: ContinuousClock.Instant

    private var takers = Waiters<ReadyFile>()
    private var hasStarted = false
    private(set) var isOver = false
    var cookies: [FileName: CheckedContinuation<Bool, Never>] = [:]
    var barriers: [Int: BarrierState] = [:]
    var nextBarrier = 0

    /// - Parameters:
    ///   - inbox: its path is compared with what is open, from time to time.
    ///   - id: one line; the marker in the inbox holds it.
    ///   - isKnown: whether a file that a scan finds came to its end already and stays all the same.
    ///   - onMissing: called with the reason when the inbox is missing, and with `nil` when it is back.
    package init(
        inbox: Directory, id: String, settings: Settings.Inbox, logger: Logger,
        isKnown: @escaping @Sendable (FileStatus) -> Bool = { _ in false },
        onMissing: @escaping @Sendable (String?) -> Void = { _ in }
    ) throws(Errno) {
        try self.init(
            inbox: inbox, id: id, settings: settings, limits: InboxLimits(), logger: logger, isKnown: isKnown,
            onMissing: onMissing)
    }

    init(
        inbox: Directory, id: String, settings: Settings.Inbox, limits: InboxLimits, logger: Logger,
        isKnown: @escaping @Sendable (FileStatus) -> Bool = { _ in false },
        onMissing: @escaping @Sendable (String?) -> Void = { _ in }
    ) throws(Errno) {
        directory = inbox
        marker = InboxMarker(id: id)
        self.settings = settings
        self.limits = limits
        self.logger = logger
        self.isKnown = isKnown
        self.onMissing = onMissing
        inotify = try Inotify(maximumWatches: limits.watches)
        executor = try PollingThread(name: "inbox", watching: inotify.descriptor)
        way = WatchWay(settings.watch, for: inbox)
        settling = Settling(period: settings.settle)
        nextCheck = .now
        nextRescan = .now
        nextPoll = .now
        // A writer that comes while a lease is held would otherwise end the process: fcntl(2), F_SETLEASE.
        signal(SIGIO, SIG_IGN)
    }

    /// Finds the inbox and marks it: from here on nothing is missed. `run` does so where nobody did before.
    package func start() {
        guard !hasStarted else { return }
        hasStarted = true
        arrive()
    }

    /// Watches, scans and judges until the task is cancelled or the service shuts down, whether anybody takes files or
    /// not.
    ///
    /// - Throws: what the kernel says of the inotify descriptor.
    package func run() async throws {
        defer { end() }
        try await cancelWhenGracefulShutdown {
            try await withTaskExecutorPreference(self.executor) { try await self.loop() }
        }
    }

    private func loop() async throws {
        start()
        while !Task.isCancelled {
            let isBusy = try step()
            serveTakers()
            if isBusy {
                await Task.yield()
            } else {
                guard await executor.sleep(until: nextMoment()) else { return }
            }
        }
    }

    /// A bounded piece of work, so that questions are answered in between.
    ///
    /// - Returns: whether there is more to do at once.
    private func step() throws -> Bool {
        let hasMoreEvents = try drain()
        if clock.now >= nextCheck { checkIdentity() }
        guard missing == nil else { return hasMoreEvents }
        if clock.now >= nextPoll { poll() }
        let hasMoreToScan = scanOn()
        let hasMoreToJudge = judge()
        return hasMoreEvents || hasMoreToScan || hasMoreToJudge
    }

    private func nextMoment() -> ContinuousClock.Instant {
        guard missing == nil else { return nextCheck }
        var moment = nextCheck
        if way.polls || !unwatched.isEmpty { moment = min(moment, nextPoll) }
        if !isPaused { moment = min(moment, nextRescan) }
        if ready.count < limits.ready, let due = settling.nextDue { moment = min(moment, due) }
        return moment
    }

    /// Other times from here on; the way of watching stays.
    package func apply(_ settings: Settings.Inbox) {
        self.settings = settings
        setQuietTimes()
        nextRescan = min(nextRescan, clock.now + settings.rescan)
        nextPoll = min(nextPoll, clock.now + settings.poll)
        wake()
    }

    func wake() { executor.wake() }

    /// Answers as soon as the file system lets it: whether the watcher is alive.
    package func ping() {}

    // MARK: - Handing out

    /// The next whole file. Waits until there is one. To be followed by `taken` or `putBack`.
    ///
    /// - Returns: `nil` where the task was cancelled, or the watcher does not run any more.
    package func next() async -> ReadyFile? {
        if Task.isCancelled || isOver { return nil }
        if let file = takeReady() { return file }
        let id = takers.makeID()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled || isOver { return continuation.resume(returning: nil) }
                takers.append(id, continuation)
            }
        } onCancel: {
            Task { await self.giveUp(id) }
        }
    }

    /// The file is claimed and has its row, or it is gone.
    package func taken(_ ready: ReadyFile) { handedOut[ready.file] = nil }

    /// A claim did not succeed: the file is looked at again after its quiet time.
    package func putBack(_ ready: ReadyFile) {
        let place = handedOut.removeValue(forKey: ready.file)
        guard missing == nil else { return }
        appeared(ready.file, .changed, place: place)
        wake()
    }

    private func giveUp(_ id: UInt64) { takers.cancel(id) }

    private func serveTakers() {
        while !takers.isEmpty, let file = takeReady() { takers.resumeFirst(returning: file) }
    }

    /// A file may have changed while it waited in the queue: it is looked at once more.
    private func takeReady() -> ReadyFile? {
        while missing == nil, let entry = ready.popFirst() {
            // There is room again.
            if ready.count == limits.ready / 2 { wake() }
            if isStillWhole(entry) {
                handedOut[entry.file] = entry.place
                return ReadyFile(file: entry.file, inbox: directory, since: entry.place.since)
            }
            appeared(entry.file, .changed, place: entry.place)
            wake()
        }
        return nil
    }

    private func end() {
        isOver = true
        takers.resumeAll(returning: nil)
        resumeAllCookies(false)
    }
}
