import Core
import Synchronization
import SystemPackage

/// Answers with samples, remembers what it was asked, and lets a test say when a sync ends.
actor SmallTarget: ControlTarget {
    private(set) var asked: [ControlRequest.Command] = []
    private(set) var givenUp = 0
    private var refusals: [RequeueReport.Refusal] = []
    private var syncs: [CheckedContinuation<SyncReport, any Error>] = []
    private var progress: [@Sendable (SyncProgress) -> Void] = []

    func status() async throws -> StatusReport {
        asked.append(.status)
        return ControlSamples.status
    }

    func why(_ path: RawPath) async throws -> WhyReport {
        asked.append(.why(path))
        return ControlSamples.why
    }

    func sync(
        timeout: Duration?, progress: @escaping @Sendable (SyncProgress) -> Void
    ) async throws -> SyncReport {
        asked.append(.sync(timeout: timeout))
        self.progress.append(progress)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { syncs.append($0) }
        } onCancel: {
            Task { await self.giveUp() }
        }
    }

    func pause(reason: String) async throws -> PauseReport {
        asked.append(.pause(reason: reason))
        return PauseReport(state: .paused, reason: reason, since: "2026-11-25T08:00:00.000Z", inWork: 2)
    }

    func resume() async throws -> PauseReport { throw Failure(.diskFull, "Full.", remedy: "Make room.") }

    func rescan() async throws { throw Errno.ioError }

    func reload() async throws -> ReloadReport {
        asked.append(.reload)
        return ControlSamples.reload
    }

    func retry(_ selection: RetrySelection) async throws -> RequeueReport {
        asked.append(.retry(selection))
        return RequeueReport(ids: [17], count: 1, refused: refusals, refusedCount: refusals.count)
    }

    func reexplain(_ selection: ReexplainSelection) async throws -> RequeueReport {
        asked.append(.reexplain(selection))
        return RequeueReport(ids: [], count: 0, refused: [], refusedCount: 0)
    }

    func metrics() async throws -> MetricsReport {
        asked.append(.metrics)
        return ControlSamples.metrics
    }

    func retain() async throws -> RetentionReport {
        asked.append(.retain)
        return ControlSamples.retention
    }

    // MARK: What a test says

    func refuse(_ refusals: [RequeueReport.Refusal]) { self.refusals = refusals }

    func tell(_ numbers: SyncProgress) { for progress in progress { progress(numbers) } }

    func finishSyncs(_ report: SyncReport) {
        for sync in syncs { sync.resume(returning: report) }
        syncs = []
    }

    private func giveUp() {
        givenUp += 1
        for sync in syncs { sync.resume(throwing: CancellationError()) }
        syncs = []
    }
}
