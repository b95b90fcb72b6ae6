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
        let journal = Journal(tree: tree, store: store, logger: logger)
        let pool = WorkerPool(try launch(), size: settings.workers.count, logger: logger)

        systemd.notify("STATUS=loading \(settings.model.file)")
        systemd.extendStartTimeout(by: settings.workers.startDeadline * settings.workers.count)
        let model = try await pool.start()
        report(model)
        try check(settings.detections, with: model)
        try store.startRun(
            RunRecord(
                version: Version.current, modelFile: settings.model.file.string, model: model,
                workers: settings.workers.count))

        let recovered = try await journal.recover()
        if !recovered.isEmpty { logger.notice("taking up \(recovered.count) images of a former run") }
        let watcher = try InboxWatcher(
            inbox: tree.inbox, settle: settings.inbox.settle, rescan: settings.inbox.rescan, logger: logger)
        try await watcher.start()

        let progress = Progress()
        let pipeline = ImagePipeline(
            watcher: watcher, journal: journal, pool: pool, requests: RequestFactory(settings), recovered: recovered,
            workers: settings.workers.count, progress: progress, logger: logger)
        let notifier = SystemdNotifier(systemd: systemd, progress: progress) {
            await watcher.ping()
            await journal.ping()
        }
        logger.notice("watching \(tree.inbox.path)")
        // Stopped in reverse: systemd hears of it first, then no image is claimed any more.
        let group = ServiceGroup(
            services: [pipeline, notifier], gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
        do {
            try await group.run()
        } catch {
            await pool.stop()
            try? store.endRun(because: "\(error)")
            throw error
        }
        await pool.stop()
        try store.endRun(because: "stopped")
        logger.notice("stopped: \(progress.summary)")
    }

    private func launch() throws(Failure) -> WorkerLaunch {
        WorkerLaunch(
            executable: try WorkerLaunch.findExecutable(), model: settings.model.file, layers: settings.model.layers,
            threads: settings.workers.threads, limits: settings.limits,
            startDeadline: settings.workers.startDeadline, deadline: settings.workers.deadline)
    }

    /// A class that the model does not have would fail every image.
    private func check(_ detections: DetectionSettings, with model: ModelDescription) throws(ConfigurationError) {
        guard let detector = model.detector else { return }
        do throws(UnknownClassError) {
            _ = try detections.allowedClasses(
                labels: model.labels, count: detector.classes > 0 ? detector.classes : nil)
        } catch {
            throw ConfigurationError(problems: [
                ConfigurationProblem(
                    place: "settings", key: "detections.classes",
                    message: "names \"\(error.name.readable)\": \(error.message)",
                    remedy: error.remedy)
            ])
        }
    }

    private func report(_ model: ModelDescription) {
        let layers = model.targets.map(\.path).joined(separator: ", ")
        logger.notice(
            """
            model \(model.name): \(model.labels.count) labels, explained at \(layers); libtorch \(model.libtorch), \
            \(model.cpuCapability), \(settings.workers.count) x \(model.threads) threads
            """)
        if model.preprocessingIsGuessed {
            logger.warning("the model has no card: preprocessing and labels are guesses. Write one beside the file.")
        }
        for target in model.targets where !target.gradientFlows {
            logger.warning(
                "no gradient reaches \(target.path): maps are gradient-free and show no class. See 'gradcam inspect'.")
        }
    }

    /// The group's own steps are of no interest to the person on call.
    private var quiet: Logger {
        var logger = logger
        logger.logLevel = .error
        return logger
    }
}
