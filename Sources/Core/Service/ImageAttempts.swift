import Logging
import SystemPackage

/// One image from its claim to its end: attempts, waits, and what is told about them.
struct ImageAttempts {
    private let first: Claim
    private let pipeline: ImagePipeline

    init(claim: Claim, pipeline: ImagePipeline) {
        first = claim
        self.pipeline = pipeline
    }

    private var journal: Journal { pipeline.journal }
    private var logger: Logger { pipeline.logger }
    private var progress: Progress { pipeline.progress }

    private enum Outcome {
        case ended(Progress.Ending)
        /// An attempt ended with the worker; the next one is not counted yet.
        case again(Claim)
        /// The moment is to blame.
        case later(Claim, Failure)
    }

    func ending() async -> Progress.Ending {
        var claim = first
        var backoff = Backoff()
        guard await pipeline.passGate() else { return await release(claim) }
        var outcome = await attempt(claim)
        while true {
            switch outcome {
            case .ended(let ending): return ending
            case .again(let next):
                claim = next
                outcome = await attempt(claim)
            case .later(let last, let failure):
                claim = last
                ImageReport(claim, logger).waits(failure)
                progress.waits(claim, because: failure)
                claim = await write(claim, waits: failure)
                guard await pipeline.sleep(for: backoff.pause()) else { return await release(claim) }
                outcome = await resume(claim)
            }
        }
    }

    private func resume(_ claim: Claim) async -> Outcome {
        do {
            switch try await journal.resume(claim) {
            case .done: return .ended(.done)
            case .failed: return .ended(.failed)
            case .vanished: return .ended(.vanished)
            case .claimed, .waiting, nil:
                progress.goesOn(claim)
                return await attempt(claim)
            }
        } catch {
            return .later(claim, Failure(transient: error))
        }
    }

    private func attempt(_ claim: Claim) async -> Outcome {
        let report = ImageReport(claim, logger)
        do {
            if let reuse = try await journal.reuse(claim) {
                report.reused(reuse)
                return .ended(.reused)
            }
            let (worker, generation) = try await pipeline.generations.worker()
            do { return await explain(try await journal.begin(claim), worker, generation) } catch {
                await generation.pool.giveBack(worker)
                throw error
            }
        } catch {
            return .later(claim, Failure(transient: error))
        }
    }

    /// An attempt that is counted.
    private func explain(_ claim: Claim, _ worker: WorkerProcess, _ generation: Generation) async -> Outcome {
        let report = ImageReport(claim, logger)
        do {
            let explanation = try await generation.pool.explain(
                generation.requests.request(for: claim, in: journal.tree), by: worker)
            let answered = ContinuousClock.now
            let overlays = try await journal.finish(
                claim, with: explanation, format: generation.requests.format, run: generation.run)
            progress.measurements.add(explanation, commit: .now - answered)
            report.done(explanation, overlays)
            return .ended(.done)
        } catch let failure as Failure {
            return await judge(claim, failure, report)
        } catch is ChangedMeanwhile {
            return await vanished(claim)
        } catch {
            return .later(claim, Failure(transient: error))
        }
    }

    private func judge(_ claim: Claim, _ failure: Failure, _ report: ImageReport) async -> Outcome {
        do {
            if failure.disposition == .crash { progress.measurements.addAttempt(endedBy: failure.code) }
            switch failure.disposition {
            case .transient: return .later(claim, failure)
            case .crash where claim.attempt < Journal.maximumAttempts:
                report.attemptFailed(failure)
                progress.failed(claim, because: failure)
                return .again(try await journal.retry(claim))
            case .crash, .permanent:
                progress.isJudged(claim, failure.code)
                try await journal.fail(claim, because: failure)
                progress.failed(claim, because: failure)
                report.failed(failure)
                return .ended(.failed)
            }
        } catch {
            return .later(claim, Failure(transient: error))
        }
    }

    /// A file that stays in the inbox was changed while it was explained: the new one is an arrival of its own.
    private func vanished(_ claim: Claim) async -> Outcome {
        do {
            try await journal.vanish(claim)
            await pipeline.watcher.rescan()
            return .ended(.vanished)
        } catch {
            return .later(claim, Failure(transient: error))
        }
    }

    private func release(_ claim: Claim) async -> Progress.Ending {
        do { try await journal.release(claim) } catch {
            ImageReport(claim, logger).notReleased(error)
        }
        return .released
    }

    private func write(_ claim: Claim, waits failure: Failure) async -> Claim {
        do { return try await journal.wait(claim, because: failure) } catch {
            logger.debug("that \(claim.file.text) waits could not be logged: \(error)")
            return claim
        }
    }
}
