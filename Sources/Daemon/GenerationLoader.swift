import Core
import Logging
import SystemPackage

/// Brings up what settings ask for, at the start and at each reload: workers that have loaded the model, and a run. Reads
/// the whole model file, so it has a thread of its own.
actor GenerationLoader {
    /// Everything is checked, and nothing is in force.
    struct Candidate {
        let settings: Settings
        let model: ModelDescription
        let content: ModelContent
        let pool: WorkerPool
        /// Whether its workers are those of the generation before.
        let keepsWorkers: Bool
    }

    private let executor = ThreadExecutor(name: "loader")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let store: Store
    private let systemd: Systemd
    private let logger: Logger

    init(store: Store, systemd: Systemd, logger: Logger) {
        self.store = store
        self.systemd = systemd
        self.logger = logger
    }

    /// - Parameters:
    ///   - last: the generation in force. Its workers serve on where they are of the same model and settings.
    ///   - tell: hears every few seconds what is loading.
    /// - Throws: why these settings are of no use; then no worker of theirs is left.
    func prepare(
        _ settings: Settings, after last: Generation? = nil, tell: @escaping @Sendable (String) -> Void
    ) async throws -> Candidate {
        try ModelTrust.check(settings.model.file, owner: settings.model.owner)
        let content = try ModelContent(of: settings.model.file)
        if let last, last.content == content, last.settings.asksForTheSameWorkers(as: settings) {
            try ModelReport.check(settings.detections, with: last.model)
            return Candidate(
                settings: settings, model: last.model, content: content, pool: last.pool, keepsWorkers: true)
        }
        let pool = WorkerPool(
            try WorkerLaunch(settings), size: settings.workers.count, replacement: settings.workers.replacement,
            restarts: await last?.pool.restarts ?? 0, logger: logger)
        let model = try await systemd.extendingTimeout {
            tell("loading \(settings.model.file) for \($0) s".readable)
        } while: {
            try await pool.start()
        }
        do {
            try ModelReport.check(settings.detections, with: model)
            try Task.checkCancellation()
        } catch {
            await pool.stop()
            throw error
        }
        return Candidate(settings: settings, model: model, content: content, pool: pool, keepsWorkers: false)
    }

    /// Begins the run that rows belong to from here on; the one before it ends.
    ///
    /// - Throws: where the log cannot be written; then the candidate is still none.
    func begin(_ candidate: Candidate) throws -> Generation {
        let fingerprint = Fingerprint(candidate.settings, candidate.model, candidate.content)
        let run = try store.startRun(
            RunRecord(
                version: Version.current, modelFile: candidate.settings.model.file.string, model: candidate.model,
                workers: candidate.settings.workers.count, fingerprint: fingerprint), endingLast: "reloaded")
        if !candidate.keepsWorkers { ModelReport(candidate.settings, logger).report(candidate.model) }
        return Generation(
            settings: candidate.settings, model: candidate.model, content: candidate.content, pool: candidate.pool,
            run: run)
    }
}

extension WorkerLaunch {
    fileprivate init(_ settings: Settings) throws(Failure) {
        self.init(
            executable: try Self.findExecutable(), model: settings.model.file, layers: settings.model.layers,
            precision: settings.model.precision, threads: settings.workers.threads, limits: settings.limits,
            startDeadline: settings.workers.startDeadline, deadline: settings.workers.deadline)
    }
}
