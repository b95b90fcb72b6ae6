import Foundation
import Glibc
package import Logging

/// Answers what people ask the running service: what it does, why a file is where it is, and that it pause.
///
/// Reads the log and the disk, so it has a thread of its own.
package actor ServiceControl: ControlTarget {
    private let executor = ThreadExecutor(name: "control")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    let generations: Generations
    let tree: Tree
    let store: Store
    let watcher: InboxWatcher
    let gate: Gate
    let repetitions: Repetitions
    let retention: Retention
    let progress: Progress
    private let reloader: any Reloader
    let logger: Logger

    package init(
        generations: Generations, tree: Tree, store: Store, watcher: InboxWatcher, gate: Gate,
        repetitions: Repetitions, retention: Retention, progress: Progress, reloader: any Reloader, logger: Logger
    ) {
        self.generations = generations
        self.tree = tree
        self.store = store
        self.watcher = watcher
        self.gate = gate
        self.repetitions = repetitions
        self.retention = retention
        self.progress = progress
        self.reloader = reloader
        self.logger = logger
    }

    private var generation: Generation { generations.current }
    var settings: Settings { generation.settings }
    var model: ModelDescription { generation.model }

    package func reload() async throws -> ReloadReport { try await reloader.reload() }

    // MARK: - Pausing

    package func pause(reason: String) async throws -> PauseReport {
        let reason = reason.readable
        try store.setPause(reason)
        await gate.set(open: false)
        progress.paused(because: reason)
        try store.record(.pause, reason)
        logger.log(.paused, "paused: \(reason)")
        return try pauseReport()
    }

    package func resume() async throws -> PauseReport {
        try store.setPause(nil)
        await gate.set(open: true)
        progress.paused(because: nil)
        try store.record(.resume, "")
        logger.log(.resumed, "resumed")
        return try pauseReport()
    }

    private func pauseReport() throws -> PauseReport {
        let snapshot = progress.snapshot
        let (state, reason, since) = standing(snapshot)
        return PauseReport(state: state, reason: reason, since: since, inWork: snapshot.work.count)
    }

    /// What the service does with the images that come, why, and since when.
    func standing(_ snapshot: Progress.Snapshot) -> (StatusReport.State, String?, String) {
        if let missing = snapshot.missing { return (.inboxMissing, missing.reason, missing.since) }
        if let paused = snapshot.paused { return (.paused, paused.reason, paused.since) }
        if let waiting = snapshot.waiting { return (.waiting, waiting.reason, waiting.since) }
        return (.running, nil, snapshot.startedAt.text)
    }

    // MARK: - Looking again

    package func rescan() async throws {
        await watcher.rescan()
        while await watcher.snapshot.isScanning { try await Task.sleep(for: .milliseconds(50)) }
    }

    package func retry(_ selection: RetrySelection) async throws -> RequeueReport {
        switch selection {
        case .ids(let ids): try request(.retry, ids)
        case .allFailed: try request(.retry, .all(since: nil, label: nil))
        }
    }

    package func reexplain(_ selection: ReexplainSelection) async throws -> RequeueReport {
        switch selection {
        case .ids(let ids): try request(.reexplain, ids)
        case .matching(let since, let label): try request(.reexplain, .all(since: since, label: label))
        case .all: try request(.reexplain, .all(since: nil, label: nil))
        }
    }

    private func request(_ repetition: Store.Repetition, _ ids: [Int64]) throws -> RequeueReport {
        var report = try request(repetition, Store.Selection.ids(ids))
        let accepted = Set(report.ids)
        let refused = try ids.filter { !accepted.contains($0) }.map { id in
            let state = try store.arrival(id: id)?.state
            return RequeueReport.Refusal(
                id: id,
                reason: state.map { "it is \($0.rawValue), not \(repetition.source.rawValue)" }
                    ?? "there is no such image")
        }
        report.refused = Array(refused.prefix(RequeueReport.limit))
        report.refusedCount = refused.count
        return report
    }

    private func request(_ repetition: Store.Repetition, _ selection: Store.Selection) throws -> RequeueReport {
        let ids = try store.request(repetition, of: selection)
        repetitions.requested()
        return RequeueReport(
            ids: Array(ids.prefix(RequeueReport.limit)), count: ids.count, refused: [], refusedCount: 0)
    }
}

extension Store.Repetition {
    /// The state of images that can be repeated so.
    fileprivate var source: ArrivalRecord.State {
        switch self {
        case .retry: .failed
        case .reexplain: .done
        }
    }
}
