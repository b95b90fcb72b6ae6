import Foundation

extension ServiceControl {
    private static let period: Duration = .milliseconds(50)

    package func sync(
        timeout: Duration?, progress tell: @escaping @Sendable (SyncProgress) -> Void
    ) async throws -> SyncReport {
        let deadline = timeout.map { ContinuousClock.now + $0 }
        let before = progress.snapshot
        let barrier = try await watcher.barrier()
        /// Images that were claimed when the last file from before the barrier was.
        var claimed: Set<Int64>?
        while true {
            let now = progress.snapshot
            if claimed == nil, await watcher.isPassed(barrier) { claimed = Set(now.work.keys) }
            let open = claimed.map { $0.intersection(now.work.keys) }
            let moving = open?.filter { now.work[$0]?.waiting == nil }
            let finished = now.ended - before.ended
            let inbox = await watcher.snapshot
            tell(
                SyncProgress(
                    finished: finished, remaining: open?.count ?? inbox.settling + inbox.ready + now.work.count))
            let isOver = moving?.isEmpty == true
            let isLate = deadline.map { ContinuousClock.now >= $0 } ?? false
            let (standing, reason, _) = standing(now)
            // Nothing moves before somebody does something.
            let stands = claimed == nil && standing != .running && now.work.values.allSatisfy { $0.waiting != nil }
            if isOver || isLate || stands {
                var held = await watcher.held(by: barrier).map { entry in
                    WhyReport(
                        name: entry.file.text, state: .init(entry.verdict), sentence: entry.verdict.sentence)
                }
                held += now.work.filter { open?.contains($0.key) ?? true }.map { id, work in
                    WhyReport(
                        name: work.name, state: work.waiting == nil ? .inWork : .waiting,
                        sentence: work.waiting ?? "it is in work", id: id)
                }
                if stands, let reason {
                    held.append(WhyReport(name: "inbox", state: .held, sentence: "nothing is taken: \(reason)"))
                }
                return SyncReport(
                    finished: finished, failed: now.failed - before.failed,
                    held: Array(held.prefix(SyncReport.heldLimit)), heldCount: held.count,
                    timedOut: isLate && !isOver && !stands)
            }
            try await Task.sleep(for: Self.period)
        }
    }
}

extension Progress.Snapshot {
    /// Images that came to an end.
    var ended: Int { done + failed + vanished }
}
