import Core
import Logging
import ServiceLifecycle
import SystemPackage
import UnixSignals

/// Builds the parts in the order in which they need each other, says READY, and runs until it is told to stop. It is
/// the one service of a group that has the signals before anything begins, so that it may be told so at any moment.
struct Daemon: Service {
    let settings: Settings
    /// From the same sources, for a reload.
    let readSettings: @Sendable () async throws(ConfigurationError) -> Settings
    let level: LogLevel
    let logger: Logger
    private let systemd = Systemd()

    init(
        settings: Settings, readSettings: @escaping @Sendable () async throws(ConfigurationError) -> Settings,
        level: LogLevel, logger: Logger
    ) {
        self.settings = settings
        self.readSettings = readSettings
        self.level = level
        self.logger = logger
    }

    func run() async throws {
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        // Before anything is made.
        try ModelTrust.check(settings.model.file, owner: settings.model.owner)
        let tree = try Tree(root: settings.root)
        let store = try Store(path: settings.log.file)
        // Before this run writes rows.
        let retention = Retention(policy: settings.retention, tree: tree, store: store, logger: logger)
        let loader = GenerationLoader(store: store, systemd: systemd, logger: logger)
        let generations: Generations
        do {
            generations = Generations(try await cancelWhenGracefulShutdown { try await load(loader) })
        } catch  where Task.isShuttingDownGracefully {
            systemd.notify("STOPPING=1")
            return logger.log(.stopped, "stopped before the model was loaded")
        }
        let progress = Progress()
        do {
            try await serve(generations, loader, tree, store, retention, progress, hangups)
        } catch {
            await generations.current.pool.stop()
            try? store.endRun(because: "\(error)")
            throw error
        }
        await generations.current.pool.stop()
        try store.endRun(because: "stopped")
        logger.log(.stopped, "stopped: \(progress.counts)")
    }

    private func load(_ loader: GenerationLoader) async throws -> Generation {
        try await loader.begin(loader.prepare(settings) { systemd.notify("STATUS=\($0)") })
    }

    private func serve(
        _ generations: Generations, _ loader: GenerationLoader, _ tree: Tree, _ store: Store, _ retention: Retention,
        _ progress: Progress, _ hangups: UnixSignalsSequence
    ) async throws {
        let journal = Journal(tree: tree, store: store, rules: JournalRules(settings), logger: logger)
        let recovered = try await journal.recover()
        if !recovered.isEmpty { logger.log(.takenUp, "taking up \(recovered.count) images of a former run") }

        let watcher = try InboxWatcher(
            inbox: tree.inbox, id: store.inboxID(), settings: settings.inbox, logger: logger,
            isKnown: knownFiles(generations, store), onMissing: missingInbox(progress, store))
        let gate = try gate(store, progress)
        let repetitions = Repetitions()
        let pipeline = ImagePipeline(
            watcher: watcher, journal: journal, generations: generations, recovered: recovered,
            repetitions: repetitions, gate: gate, progress: progress, logger: logger)
        let status = StatusLine(progress: progress, watcher: watcher)
        let reloading = Reloading(
            readSettings: readSettings, loader: loader, generations: generations, journal: journal, watcher: watcher,
            pipeline: pipeline, retention: retention, level: level, progress: progress, status: status,
            systemd: systemd, logger: logger)
        let control = ServiceControl(
            generations: generations, tree: tree, store: store, watcher: watcher, gate: gate,
            repetitions: repetitions, retention: retention, progress: progress, reloader: reloading, logger: logger)
        let heartbeat = Heartbeat(
            watcher: watcher, journal: journal, pipeline: pipeline, generations: generations, logger: logger)
        await watcher.start()
        var services: [any Service] = [
            watcher, pipeline, ControlServer(at: settings.control.socket, target: control, logger: logger),
            Hangups(signals: hangups, reloading: reloading), retention,
        ]
        if settings.inbox.statusFile {
            services.append(StatusFile(control: control, watcher: watcher, logger: logger))
        }
        // Stopped in reverse: systemd hears of it first, then no image is claimed any more.
        let notifier = SystemdNotifier(systemd: systemd, progress: progress, status: status, heartbeat: heartbeat)
        try await ServiceGroup(services: services + [notifier], logger: logger.quiet).run()
    }

    /// Originals that stay in the inbox are found by every scan.
    private func knownFiles(_ generations: Generations, _ store: Store) -> @Sendable (FileStatus) -> Bool {
        { status in
            guard generations.current.settings.policy.originals == .keep else { return false }
            return (try? store.knows(FileIdentity(status))) ?? false
        }
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
}

extension Logger {
    /// The steps of a group of services are of no interest to the person on call.
    var quiet: Logger {
        var logger = self
        logger.logLevel = .error
        return logger
    }
}
