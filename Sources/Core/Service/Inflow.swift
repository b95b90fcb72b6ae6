import Logging
import ServiceLifecycle
import SystemPackage

/// Where the next image comes from: one that somebody dropped, or asked for once more. Whatever stands in the way of
/// taking one is the moment's fault: it is said once, and tried again.
struct Inflow {
    let pipeline: ImagePipeline

    private var journal: Journal { pipeline.journal }
    private var watcher: InboxWatcher { pipeline.watcher }
    private var logger: Logger { pipeline.logger }

    /// The next image of the inbox.
    ///
    /// - Returns: `nil` where the service stops.
    /// - Throws: `TreeReplaced`; only a new start helps.
    func next() async throws(TreeReplaced) -> Claim? {
        var backoff = Backoff()
        var stood = false
        while await pipeline.passGate(), let ready = await nextReady() {
            // People may have paused the service while nothing came.
            guard await !pipeline.gate.isClosed else {
                await watcher.putBack(ready)
                continue
            }
            do {
                let claim = try await journal.claim(ready.file, in: ready.inbox)
                // In this order: `sync` must find the image in one place or the other.
                if let claim { pipeline.progress.began(claim, knownSince: ready.since) }
                await watcher.taken(ready)
                if let claim {
                    pipeline.progress.goesOn()
                    if stood { logger.log(.takenAgain, "images are taken again") }
                    return claim
                }
            } catch let error as Errno where Self.concernsFile.contains(error) {
                logger.log(
                    .imageNotTaken, "\(ready.file.text) cannot be taken: \(error). It stays in the inbox.",
                    metadata: ["GRADCAM_IMAGE": .bytes(JournalBytes(ready.file.bytes))])
                await watcher.putBack(ready)
            } catch Errno.improperLink {
                throw TreeReplaced(root: journal.tree.root)
            } catch {
                await watcher.putBack(ready)
                stood = true
                guard await wait(because: error, &backoff) else { return nil }
            }
        }
        return nil
    }

    /// The next image that was claimed and has no row yet, or that people asked for once more.
    ///
    /// - Returns: `nil` where there is none, or the service stops.
    func nextRepetition() async -> Claim? {
        var backoff = Backoff()
        while await pipeline.passGate() {
            do {
                var claim = try await journal.adoptStranded()
                if claim == nil { claim = try await journal.nextRepetition() }
                if let claim { pipeline.progress.began(claim) }
                return claim
            } catch {
                guard await wait(because: error, &backoff) else { return nil }
            }
        }
        return nil
    }

    /// Errors that other files do not have: another one holds it, or changes it again.
    private static let concernsFile: Set<Errno> = [
        .permissionDenied, .notPermitted, .resourceBusy, .resourceTemporarilyUnavailable,
    ]

    private func nextReady() async -> ReadyFile? {
        await cancelWhenGracefulShutdown { await watcher.next() }
    }

    /// Disk full, out of descriptors, database busy.
    private func wait(because error: any Error, _ backoff: inout Backoff) async -> Bool {
        let failure = Failure(transient: error)
        logger.log(
            .nothingTaken, "no image can be taken: \(failure). They wait in the inbox.",
            metadata: ["GRADCAM_ERROR": "\(failure.code.rawValue)"])
        let isNews = pipeline.progress.waits(because: failure)
        if isNews, failure.code == .diskFull { await journal.record(.diskFull, failure.message) }
        return await pipeline.sleep(for: backoff.pause())
    }
}
