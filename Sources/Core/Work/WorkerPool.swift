package import Logging

/// Keeps a number of workers running and hands each image to one that is free.
package actor WorkerPool {
    private let launch: WorkerLaunch
    private let size: Int
    private let logger: Logger

    private var idle: [WorkerProcess] = []
    /// Workers that exist or are being started.
    private var alive = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var isStopped = false

    package init(_ launch: WorkerLaunch, size: Int, logger: Logger) {
        self.launch = launch
        self.size = size
        self.logger = logger
    }

    /// Starts all workers, so that a model of no use is known before the first image comes.
    ///
    /// - Returns: what they say about their network.
    /// - Throws: what the first one says about its model.
    package func start() async throws(Failure) -> ModelDescription {
        // One first: a model that fails should say so once.
        let first = try await WorkerProcess.start(launch)
        alive = 1
        idle = [first]
        while alive < size {
            idle.append(try await WorkerProcess.start(launch))
            alive += 1
        }
        return first.model
    }

    /// Has one image explained; waits for a free worker.
    package func explain(_ request: WorkerRequest) async throws(Failure) -> Explanation {
        let worker = try await take()
        switch await worker.answer(to: request) {
        case .explained(let explanation):
            give(back: worker)
            return explanation
        case .failed(let failure):
            if failure.disposition == .crash {
                logger.warning("a worker is replaced: \(failure.message)")
                drop()
                await worker.stop()
            } else {
                give(back: worker)
            }
            throw failure
        case .ready, .inspected:
            drop()
            await worker.stop()
            throw Failure(.internal, "The worker answered another question.")
        }
    }

    /// Lets all workers end; requests that still wait fail.
    package func stop() async {
        isStopped = true
        let workers = idle
        idle = []
        for continuation in waiting { continuation.resume() }
        waiting = []
        for worker in workers { await worker.stop() }
    }

    private func take() async throws(Failure) -> WorkerProcess {
        while !isStopped {
            if let worker = idle.popLast() { return worker }
            if alive < size {
                alive += 1
                do { return try await WorkerProcess.start(launch) } catch {
                    drop()
                    throw error
                }
            }
            await withCheckedContinuation { waiting.append($0) }
        }
        throw Failure(.workerMissing, "The service is stopping.")
    }

    private func give(back worker: WorkerProcess) {
        idle.append(worker)
        wakeOne()
    }

    private func drop() {
        alive -= 1
        wakeOne()
    }

    private func wakeOne() {
        if !waiting.isEmpty { waiting.removeFirst().resume() }
    }
}
