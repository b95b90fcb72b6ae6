import Glibc
package import Logging
import ServiceLifecycle
import Synchronization
import SystemPackage

/// Removes what the settings do not want to keep: at the start, then every hour, in small steps on a thread of its own,
/// so that no image waits long for the disk or the log.
///
/// It may be killed between any two steps. Rows and files are removed independently; the one promise between them is
/// that no row points to an overlay that is not there, so rows lose their pointer first:
///
///     overlay   ONE transaction: its rows point to none any more, then unlink. Killed in between, the file is an
///               orphan, which the next run tells by the row that does not point to it.
///     row       ONE transaction with everything below it. Its overlays are orphans from then on, its original goes
///               by the age of its folder. Nothing points to a row but rows, and those keep it.
///     original, failed file   unlink. No row points to them.
package actor Retention: Service {
    private static let period: Duration = .seconds(3600)
    /// Files or rows in one step.
    static let batch = 500

    private let executor = ThreadExecutor(name: "retention")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let policyInForce: Mutex<RetentionPolicy>
    let tree: Tree
    let store: Store
    let logger: Logger
    private let plausibility: Plausibility
    private let isSynchronized: @Sendable () -> Bool
    private let pause: @Sendable () throws -> Void
    /// Files that are not ours, each named once.
    private var reported: Set<String> = []
    /// What kept the last run from something.
    private var hindrances: [String] = []

    /// To be made before this run writes rows: the newest one that is there tells whether the clock can be believed.
    ///
    /// - Parameters:
    ///   - isSynchronized: whether somebody is known to keep the time of day right.
    ///   - pause: between two steps; ends the run by what it throws.
    package init(
        policy: RetentionPolicy, tree: Tree, store: Store, logger: Logger,
        isSynchronized: @escaping @Sendable () -> Bool = { SystemClock.isSynchronized == true },
        pause: @escaping @Sendable () throws -> Void = Retention.breath
    ) {
        policyInForce = Mutex(policy)
        self.tree = tree
        self.store = store
        self.logger = logger
        self.isSynchronized = isSynchronized
        self.pause = pause
        // A log that cannot be read now cannot be read by a run either.
        plausibility = Plausibility(newest: try? store.newestTime(), uptime: SystemClock.uptime)
    }

    /// 20 ms in which others have disk and log to themselves. It blocks a thread that does nothing else.
    package static let breath: @Sendable () throws -> Void = {
        try Task.checkCancellation()
        usleep(20_000)
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            repeat { await self.pass() } while (try? await Task.sleep(for: Self.period)) != nil
        }
    }

    /// From the next part of a run on. Does not wait for the one that is under way.
    package nonisolated func apply(_ policy: RetentionPolicy) { policyInForce.withLock { $0 = policy } }

    var policy: RetentionPolicy { policyInForce.withLock { $0 } }

    /// One run. What it cannot remove stays until the next one.
    @discardableResult
    func pass(now: Timestamp = .now) -> Removed {
        var removed = Removed()
        hindrances = []
        guard !policy.keepsEverything else { return removed }
        do {
            guard try clockIsPlausible(now) else { return removed }
            // Rows first: their overlays go in the same run.
            try attempt { try removeRows(now, &removed) }
            try attempt { try removeOverlays(now, &removed) }
            try attempt { try removeOriginals(now, &removed) }
            try attempt { try removeFailed(now, &removed) }
        } catch is CancellationError {
            // The service stops; the next run finds the rest.
        } catch {
            isHindered("retention cannot read the log: \(error). It is tried again in an hour.")
        }
        if !removed.isEmpty { logger.log(.retentionDone, "retention removed \(removed.summary)") }
        return removed
    }

    /// One run now, whatever the hour.
    package func runNow() -> RetentionReport {
        let removed = pass()
        return RetentionReport(removed, keepsEverything: policy.keepsEverything, hindrances: hindrances)
    }

    private func isHindered(_ sentence: String) {
        hindrances.append(sentence)
        logger.log(.retentionHindered, "\(sentence)")
    }

    /// One part that cannot be done does not keep the others from it.
    private func attempt(_ part: () throws -> Void) throws(CancellationError) {
        do { try part() } catch let error as CancellationError { throw error } catch {
            isHindered("retention is not done: \(error). It is tried again in an hour.")
        }
    }

    private func clockIsPlausible(_ now: Timestamp) throws -> Bool {
        let doubt = plausibility.doubt(
            now: now, newest: try store.newestTime(), uptime: SystemClock.uptime, isSynchronized: isSynchronized())
        guard let doubt else { return true }
        isHindered("retention removes nothing: the clock says \(now.text), but \(doubt)")
        return false
    }

    // MARK: - Rows

    /// A row that ended just now may still have its original in `work/`.
    private static let youngest: Int64 = 3_600_000

    private func removeRows(_ now: Timestamp, _ removed: inout Removed) throws {
        guard policy.removesRows else { return }
        let before = try store.size()
        if policy.rowsDays > 0 {
            let limit = now.advanced(byDays: -policy.rowsDays).text
            while try removeSomeRows(before: limit, &removed) {}
        }
        let limit = Timestamp(milliseconds: now.milliseconds - Self.youngest).text
        if policy.logBytes > 0 {
            while try store.size().usedBytes > policy.logBytes, try removeSomeRows(before: limit, &removed) {}
        }
        var free = -1
        while case let pages = try store.size().freePages, pages > 0, pages != free {
            try store.vacuum(pages: Self.batch)
            free = pages
            try pause()
        }
        try store.checkpoint()
        removed.logBytes = max(0, before.bytes - (try store.size().bytes))
    }

    private func removeSomeRows(before limit: String, _ removed: inout Removed) throws -> Bool {
        let count = try store.removeRows(finishedBefore: limit, atMost: Self.batch)
        removed.rows += count
        try pause()
        return count > 0
    }

    // MARK: - Files

    private func removeOriginals(_ now: Timestamp, _ removed: inout Removed) throws {
        guard policy.originals.isSet else { return }
        let sweep = FolderSweep(
            folder: tree.done, kind: .originals, limit: policy.originals, now: now, store: store, pause: pause)
        try finish(sweep, &removed.originals)
    }

    private func removeOverlays(_ now: Timestamp, _ removed: inout Removed) throws {
        // Rows that went leave overlays behind.
        guard policy.overlays.isSet || policy.removesRows else { return }
        let sweep = FolderSweep(
            folder: tree.outbox, kind: .overlays, limit: policy.overlays, now: now, store: store, pause: pause)
        try finish(sweep, &removed.overlays)
    }

    private func removeFailed(_ now: Timestamp, _ removed: inout Removed) throws {
        guard policy.failedDays > 0 else { return }
        let sweep = FolderSweep(
            folder: tree.failed, kind: .failed, limit: .init(days: policy.failedDays), now: now, store: store,
            pause: pause)
        try finish(sweep, &removed.failed)
    }

    private func finish(_ sweep: FolderSweep, _ count: inout Removed.Count) throws {
        defer {
            count = sweep.removed
            for path in sweep.foreign where reported.count < 10_000 && reported.insert(path).inserted {
                logger.debug("retention leaves \(path) alone: it has no name of ours")
            }
            if let (path, error) = sweep.firstFailure {
                isHindered("retention cannot remove \(path): \(error). It is tried again in an hour.")
            }
        }
        try sweep.run()
    }
}
