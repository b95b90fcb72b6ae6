import Core
import Logging
import ServiceLifecycle
import SystemPackage
import UnixSignals

/// Builds the parts in the order in which they need each other, says READY, and runs until it is told to stop.
struct Daemon {
    let settings: Settings
    let logger: Logger

    func run() async throws {
        let systemd = Systemd()
        try ModelTrust.check(settings.model.file, owner: settings.model.owner)
        let tree = try Tree(root: settings.root)
        let store = try Store(path: settings.log.file)
        let journal = Journal(tree: tree, store: store, rules: JournalRules(settings), logger: logger)
        let retention = Retention(policy: settings.retention, tree: tree, store: store, logger: logger)
        let pool = WorkerPool(
            try launch(), size: settings.workers.count, replacement: settings.workers.replacement, logger: logger)

        systemd.notify("STATUS=loading \(settings.model.file)")
        systemd.extendStartTimeout(by: settings.workers.startDeadline * settings.workers.count)
        let model = try await pool.start()
        ModelReport(settings, logger).report(model)
        try ModelReport.check(settings.detections, with: model)
        try store.startRun(
            RunRecord(
                version: Version.current, modelFile: settings.model.file.string, model: model,
                workers: settings.workers.count, fingerprint: try Fingerprint(settings, model)))

        let recovered = try await journal.recover()
        if !recovered.isEmpty { logger.log(.takenUp, "taking up \(recovered.count) images of a former run") }

        let progress = Progress()
        let watcher = try InboxWatcher(
            inbox: tree.inbox, id: store.inboxID(), settings: settings.inbox, logger: logger,
            isKnown: knownFiles(store), onMissing: missingInbox(progress, store))
        let gate = try gate(store, progress)
        let repetitions = Repetitions()
        let pipeline = ImagePipeline(
            watcher: watcher, journal: journal, pool: pool, requests: RequestFactory(settings), recovered: recovered,
            repetitions: repetitions, gate: gate, workers: settings.workers.count, progress: progress, logger: logger)
        let control = ServiceControl(
            settings: settings, model: model, tree: tree, store: store, watcher: watcher, pool: pool, gate: gate,
            repetitions: repetitions, retention: retention, progress: progress, logger: logger)
        let notifier = SystemdNotifier(systemd: systemd, progress: progress) {
            await watcher.ping()
            await journal.ping()
        }
        await watcher.start()
        var services: [any Service] = [
            watcher, pipeline, ControlServer(at: settings.control.socket, target: control, logger: logger),
            retention,
        ]
        if settings.inbox.statusFile {
            services.append(StatusFile(control: control, watcher: watcher, logger: logger))
        }
        // Stopped in reverse: systemd hears of it first, then no image is claimed any more.
        let group = ServiceGroup(
            services: services + [notifier], gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
        do {
            try await group.run()
        } catch {
            await pool.stop()
            try? store.endRun(because: "\(error)")
            throw error
        }
        await pool.stop()
        try store.endRun(because: "stopped")
        logger.log(.stopped, "stopped: \(progress.summary)")
    }

    private func launch() throws(Failure) -> WorkerLaunch {
        WorkerLaunch(
            executable: try WorkerLaunch.findExecutable(), model: settings.model.file, layers: settings.model.layers,
            threads: settings.workers.threads, limits: settings.limits,
            startDeadline: settings.workers.startDeadline, deadline: settings.workers.deadline)
    }

    /// Originals that stay in the inbox are found by every scan.
    private func knownFiles(_ store: Store) -> @Sendable (FileStatus) -> Bool {
        guard settings.policy.originals == .keep else { return { _ in false } }
        return { status in (try? store.knows(FileIdentity(status))) ?? false }
    }

    private func missingInbox(_ progress: Progress, _ store: Store) -> @Sendable (String?) -> Void {
        { reason in
            progress.inboxIsMissing(because: reason)
            // A log that cannot be written is told of by whoever claims next.
            try? store.record(reason == nil ? .inboxBack : .inboxMissing, reason ?? "")
        }
    }

    /// Closed where people paused a former run.
    private func gate(_ store: Store, _ progress: Progress) throws -> Gate {
        guard let pause = try store.pause() else { return Gate(isOpen: true) }
        logger.log(.paused, "paused since \(pause.since): \(pause.reason). 'gradcam resume' goes on.")
        progress.paused(because: pause.reason, since: pause.since)
        return Gate(isOpen: false)
    }

    /// The group's own steps are of no interest to the person on call.
    private var quiet: Logger {
        var logger = logger
        logger.logLevel = .error
        return logger
    }
}
