package import Logging
import ServiceLifecycle
import SystemPackage

/// The run loop: takes whole files from the watcher, has the journal claim them and the workers explain them, and
/// brings each image to exactly one end.
package struct ImagePipeline: Service {
    private let watcher: InboxWatcher
    private let journal: Journal
    private let pool: WorkerPool
    private let requests: RequestFactory
    private let recovered: [Claim]
    private let slots: Slots
    private let progress: Progress
    private let logger: Logger

    /// - Parameter recovered: claims that a former run left.
    package init(
        watcher: InboxWatcher, journal: Journal, pool: WorkerPool, requests: RequestFactory, recovered: [Claim],
        workers: Int, progress: Progress, logger: Logger
    ) {
        self.watcher = watcher
        self.journal = journal
        self.pool = pool
        self.requests = requests
        self.recovered = recovered
        self.progress = progress
        self.logger = logger
        // The directory is the queue: only so many are claimed that no worker waits for the next.
        slots = Slots(2 * workers)
    }

    /// Ends when the group shuts down: what is at a worker is finished, the rest stays in the inbox.
    package func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for claim in recovered { await start(claim, in: &group) }
            while true {
                await slots.take()
                guard let claim = try await nextClaim() else { return }
                group.addTask { await process(claim) }
            }
        }
    }

    private func start(_ claim: Claim, in group: inout ThrowingDiscardingTaskGroup<any Error>) async {
        await slots.take()
        group.addTask { await process(claim) }
    }

    // MARK: - Claiming

    private func nextClaim() async throws -> Claim? {
        var backoff = Backoff()
        while let file = try await cancelWhenGracefulShutdown({ try await watcher.next() }) {
            do {
                if let claim = try await journal.claim(file) {
                    progress.goesOn()
                    return claim
                }
            } catch let error as Errno where [.permissionDenied, .notPermitted, .resourceBusy].contains(error) {
                logger.warning("\(file.text) cannot be taken: \(error). It stays in the inbox.")
                await watcher.putBack(file)
            } catch {
                // Disk full, out of descriptors, database busy: the moment is to blame, not the file.
                logger.error("no image can be taken: \(error). They wait in the inbox.")
                progress.waits(because: "\(error)")
                await watcher.putBack(file)
                guard await sleep(for: backoff.pause()) else { return nil }
            }
        }
        return nil
    }

    // MARK: - One image

    private func process(_ claim: Claim) async {
        progress.began()
        progress.ended(await ending(of: claim))
        await slots.give()
    }

    private func ending(of claim: Claim) async -> Progress.Ending {
        var claim = claim
        var backoff = Backoff()
        var outcome = await attempt(claim)
        while true {
            switch outcome {
            case .ended(let ending): return ending
            case .again(let next):
                claim = next
                outcome = await attempt(claim)
            case .later(let reason):
                logger.warning("\(claim.file.text) waits: \(reason)", metadata: metadata(of: claim))
                progress.waits(because: reason)
                guard await sleep(for: backoff.pause()) else {
                    await release(claim)
                    return .released
                }
                outcome = await resume(claim)
            }
        }
    }

    /// After a pause: what the rows promise already is not explained once more.
    private func resume(_ claim: Claim) async -> Outcome {
        do {
            switch try await journal.conclude(claim) {
            case .done: return .ended(.done)
            case .failed: return .ended(.failed)
            case .claimed, .vanished, nil: return await attempt(claim)
            }
        } catch {
            return .later("\(error)")
        }
    }

    private enum Outcome {
        case ended(Progress.Ending)
        case again(Claim)
        case later(String)
    }

    private func attempt(_ claim: Claim) async -> Outcome {
        do {
            let explanation = try await pool.explain(requests.request(for: claim, in: journal.tree))
            let overlays = try await journal.finish(claim, with: explanation, format: requests.format)
            report(claim, explanation, overlays)
            return .ended(.done)
        } catch let failure as Failure {
            return await judge(claim, failure)
        } catch {
            return .later("\(error)")
        }
    }

    private func judge(_ claim: Claim, _ failure: Failure) async -> Outcome {
        do {
            switch failure.disposition {
            case .transient:
                return .later("\(failure)")
            case .crash where claim.attempt < Journal.maximumAttempts:
                logger.warning(
                    "\(claim.file.text): attempt \(claim.attempt) failed: \(failure.message)",
                    metadata: metadata(of: claim))
                return .again(try await journal.retry(claim))
            case .crash, .permanent:
                try await journal.fail(claim, because: failure)
                logger.warning(
                    "\(claim.file.text) failed: \(failure)",
                    metadata: metadata(of: claim).merging(
                        ["GRADCAM_STATE": "failed", "GRADCAM_ERROR": "\(failure.code.rawValue)"]) { $1 })
                return .ended(.failed)
            }
        } catch {
            return .later("\(error)")
        }
    }

    private func release(_ claim: Claim) async {
        do { try await journal.release(claim) } catch {
            logger.error("\(claim.file.text) could not be released: \(error)")
        }
    }

    /// - Returns: false where the service stops meanwhile.
    private func sleep(for duration: Duration) async -> Bool {
        do {
            return try await cancelWhenGracefulShutdown {
                try await Task.sleep(for: duration)
                return true
            }
        } catch {
            return false
        }
    }

    // MARK: - Reporting

    private func report(_ claim: Claim, _ explanation: Explanation, _ overlays: [FilePath]) {
        var fields = metadata(of: claim)
        fields["GRADCAM_STATE"] = "done"
        fields["GRADCAM_MS"] = "\(Int(explanation.milliseconds.total.rounded()))"
        fields["GRADCAM_OVERLAY"] = overlays.first.map { "\($0.string.readable)" }
        guard let best = explanation.predictions.first else {
            logger.info("\(claim.file.text): nothing found", metadata: fields)
            return
        }
        fields["GRADCAM_LABEL"] = "\(best.label)"
        fields["GRADCAM_SCORE"] = "\(best.score)"
        let percent = "\((best.score * 1000).rounded() / 10) %"
        let note = best.heat?.statistics.zeroCAM == true ? "; no evidence on any pixel, the map is zero" : ""
        let found = best.object == nil ? "" : "\(explanation.predictions.count) found, the surest "
        logger.info("\(claim.file.text): \(found)\(best.label) \(percent)\(note)", metadata: fields)
    }

    private func metadata(of claim: Claim) -> Logger.Metadata {
        ["GRADCAM_IMAGE": "\(claim.file.text)", "GRADCAM_ID": "\(claim.id)", "GRADCAM_ATTEMPT": "\(claim.attempt)"]
    }
}
