import Glibc

extension ServiceControl {
    package func metrics() async throws -> MetricsReport {
        let now = progress.snapshot
        let inbox = await watcher.snapshot
        let generation = generations.current
        let workers = await generations.workers()
        let busy = workers.count { $0.busySince != nil }
        let inWork = now.work.values.map { $0.knownSince.duration(to: .now).inSeconds }.max()
        return MetricsReport(
            version: Version.current, libtorch: generation.model.libtorch, model: generation.model.name,
            startedSeconds: Double(now.startedAt.milliseconds) / 1000,
            images: .init(done: now.done - now.reused, reused: now.reused, failed: now.failed, vanished: now.vanished),
            measurements: progress.measurements.values,
            queue: queue(now, inbox),
            oldestSeconds: max(inWork ?? 0, inbox.oldestSeconds ?? 0),
            workers: .init(
                busy: busy, idle: workers.count - busy,
                residentBytes: Int64(workers.compactMap(\.residentBytes).reduce(0, +)),
                restarts: await generation.pool.restarts),
            leftAlone: .init(
                unreadable: inbox.unreadable.count, ignored: inbox.ignored.count, special: inbox.special.count,
                tooDeep: inbox.tooDeep.count),
            isPaused: now.paused != nil, isWaiting: now.waiting != nil, isInboxMissing: now.missing != nil,
            inotifyOverflows: inbox.overflows, space: try space(), log: logReport(),
            residentBytes: Int64(ResidentMemory.bytes(ofProcess: getpid()) ?? 0))
    }

    package func retain() async throws -> RetentionReport { await retention.runNow() }
}
