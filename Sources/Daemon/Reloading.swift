import Core
import Logging
import ServiceLifecycle
import UnixSignals

/// Puts the settings of now in force, one reload after the other. Everything that can fail comes first; workers with a
/// new model are ready before the first old one leaves.
struct Reloading: Reloader {
    /// From the same sources as at the start.
    let readSettings: @Sendable () async throws(ConfigurationError) -> Settings
    let loader: GenerationLoader
    let generations: Generations
    let journal: Journal
    let watcher: InboxWatcher
    let pipeline: ImagePipeline
    let retention: Retention
    let level: LogLevel
    let progress: Progress
    let status: StatusLine
    let systemd: Systemd
    let logger: Logger
    private let turn = Slots(1)

    func reload() async throws -> ReloadReport {
        await turn.take()
        systemd.notifyReloading()
        do {
            let report = try await attempt()
            await end()
            return report
        } catch {
            await end()
            throw error
        }
    }

    private func end() async {
        progress.reloads(nil)
        systemd.notify("READY=1\n\(await status.text)")
        await turn.give()
    }

    private func attempt() async throws -> ReloadReport {
        do {
            try Task.checkCancellation()
            let report = try await replaceGeneration()
            let text = report.changes.map(\.description).joined(separator: ", ")
            logger.log(.reloaded, "reloaded: \(text.isEmpty ? "nothing has changed" : text)")
            level.set(generations.current.settings.log.level)
            if !report.changes.isEmpty { await journal.record(.reload, text) }
            return report
        } catch {
            // The service stops.
            try Task.checkCancellation()
            let failure = Failure(refusing: error)
            logger.log(.reloadRefused, "reload refused, nothing has changed: \(failure)")
            await journal.record(.reloadRefused, "\(failure)")
            throw failure
        }
    }

    private func replaceGeneration() async throws -> ReloadReport {
        let last = generations.current
        let settings = try await readSettings()
        let changed = try last.settings.changes(to: settings)
        let candidate = try await loader.prepare(settings, after: last) { progress.reloads($0) }
        let report = ReloadReport(
            // Another file says so itself.
            changes: changed.contains { $0.key == "model.file" }
                ? changed : changed + last.content.changes(to: candidate.content),
            model: candidate.model.name,
            replacedWorkers: !candidate.keepsWorkers)
        guard !report.changes.isEmpty else { return report }
        do { generations.replace(by: try await loader.begin(candidate)) } catch {
            if report.replacedWorkers { await candidate.pool.stop() }
            throw error
        }
        // From here on nothing can fail.
        await journal.apply(JournalRules(settings))
        await watcher.apply(settings.inbox)
        await pipeline.apply(settings)
        retention.apply(settings.retention)
        if report.replacedWorkers { await last.pool.stop() }
        return report
    }
}

extension Failure {
    fileprivate init(refusing error: any Error) {
        switch error {
        case let error as ConfigurationError: self.init(.settingsRefused, "\(error)")
        default: self.init(transient: error)
        }
    }
}

/// SIGHUP reloads as `gradcam reload` does; only the journal has the result.
struct Hangups: Service {
    /// Trapped from the first moment of the service on: untrapped, the signal would end it.
    let signals: UnixSignalsSequence
    let reloading: Reloading

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in signals { _ = try? await reloading.reload() }
        }
    }
}
