package import Logging

/// Keeps a number of workers with one model running and hands each image to one that is free. Another model, or other
/// limits, are another pool.
package actor WorkerPool {
    /// A worker that runs, and what it did.
    private struct Member {
        let worker: WorkerProcess
        var images = 0
        var busySince: ContinuousClock.Instant?
        /// It is replaced once `images` comes to this.
        var replacedAt: Int
        var replacement = Replacement.none
    }

    private enum Replacement {
        case none
        /// Its successor is loading the model.
        case underWay
        /// Its successor is ready: it ends after the image that it works on.
        case ready
    }

    private let launch: WorkerLaunch
    private let size: Int
    private let replacement: WorkerReplacement
    private let logger: Logger

    private var members: [Int32: Member] = [:]
    /// Members without an image; the last one was busy last.
    private var idle: [Int32] = []
    private var starting = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var isStopped = false
    /// Workers that were started in the place of another, whether that had died or was replaced.
    package private(set) var restarts: Int

    /// - Parameter restarts: of the pool whose place it takes.
    package init(
        _ launch: WorkerLaunch, size: Int, replacement: WorkerReplacement = .never, restarts: Int = 0, logger: Logger
    ) {
        self.launch = launch
        self.restarts = restarts
        self.size = size
        self.replacement = replacement
        self.logger = logger
    }

    /// Starts all workers, so that a model of no use is known before the first image comes; or none.
    ///
    /// - Returns: what they say about their network.
    /// - Throws: what the first one says about its model.
    package func start() async throws(Failure) -> ModelDescription {
        do throws(Failure) {
            // One first: a model that fails should say so once.
            let first = try await WorkerProcess.start(launch)
            add(first)
            while members.count < size { add(try await WorkerProcess.start(launch)) }
            idle = Array(members.keys)
            return first.model
        } catch {
            for member in members.values { await member.worker.stop() }
            members = [:]
            throw error
        }
    }

    /// A worker that is free; waits for one. `explain` or `giveBack` must follow.
    ///
    /// - Returns: `nil` where the pool is stopped.
    /// - Throws: a transient failure where no worker can be started, for that is no image's fault.
    package func worker() async throws(Failure) -> WorkerProcess? { try await take() }

    /// The worker was not needed after all.
    package func giveBack(_ worker: WorkerProcess) async {
        let identifier = worker.processIdentifier
        guard members[identifier] != nil else { return }
        members[identifier]?.busySince = nil
        if isStopped || members[identifier]?.replacement == .ready { await lose(worker) } else { free(identifier) }
    }

    /// Has one image explained.
    ///
    /// - Throws: what the worker says of the image.
    package func explain(
        _ request: WorkerRequest, by worker: WorkerProcess
    ) async throws(Failure) -> Explanation {
        switch await worker.answer(to: request) {
        case .explained(let explanation):
            await give(back: worker)
            return explanation
        case .failed(let failure):
            if failure.endsWorker {
                logger.log(
                    .workerLost, "worker \(worker.processIdentifier) is replaced: \(failure.message)",
                    metadata: ["GRADCAM_ERROR": "\(failure.code.rawValue)"])
                await lose(worker)
            } else {
                await give(back: worker)
            }
            throw failure
        case .ready, .inspected:
            await lose(worker)
            throw Failure(.internal, "The worker answered another question.")
        }
    }

    /// Lets all workers end, those that work after their image. Whoever waits for one gets none.
    package func stop() async {
        isStopped = true
        let workers = idle.compactMap { members.removeValue(forKey: $0)?.worker }
        idle = []
        for continuation in waiting { continuation.resume() }
        waiting = []
        await withDiscardingTaskGroup { group in
            for worker in workers { group.addTask { await worker.stop() } }
        }
    }

    /// What each worker does, in the order of their process identifiers.
    package func workers() -> [WorkerReport] {
        members.sorted { $0.key < $1.key }.map { identifier, member in
            WorkerReport(
                processIdentifier: identifier, residentBytes: ResidentMemory.bytes(ofProcess: identifier),
                images: member.images, busySince: member.busySince)
        }
    }

    /// Workers that are busy for longer than they may be: they should have been killed.
    package func overdue(at now: ContinuousClock.Instant = .now) -> [Int32] {
        members.filter { $0.value.busySince.map { now - $0 > launch.deadline + Self.grace } ?? false }.keys.sorted()
    }

    /// For counting the attempt before the deadline begins, and for the end of a worker after it.
    static let grace: Duration = .seconds(15)

    // MARK: - Taking and giving back

    private func take() async throws(Failure) -> WorkerProcess? {
        while !isStopped {
            if let identifier = idle.popLast(), let worker = members[identifier]?.worker {
                members[identifier]?.busySince = .now
                return worker
            }
            if members.count + starting < size {
                let worker = try await startAnother()
                members[worker.processIdentifier]?.busySince = .now
                return worker
            }
            await withCheckedContinuation { waiting.append($0) }
        }
        return nil
    }

    private func give(back worker: WorkerProcess) async {
        let identifier = worker.processIdentifier
        guard var member = members[identifier] else { return }
        member.images += 1
        member.busySince = nil
        members[identifier] = member
        if member.replacement == .ready || isStopped {
            await lose(worker)
            return
        }
        if member.replacement == .underWay {
            free(identifier)
            return
        }
        let reason = replacement.reason(
            images: member.images, residentBytes: ResidentMemory.bytes(ofProcess: identifier))
        switch reason {
        case .memory:
            // Memory may be short: first the old one goes.
            announce(reason, identifier)
            members[identifier] = nil
            startSuccessor(after: worker)
        case .images where member.images >= member.replacedAt:
            // It goes on with images until the new one is ready.
            announce(reason, identifier)
            members[identifier]?.replacement = .underWay
            startSuccessor(for: identifier)
            free(identifier)
        case .images, nil:
            free(identifier)
        }
    }

    /// Ends a worker that is of no more use.
    private func lose(_ worker: WorkerProcess) async {
        members[worker.processIdentifier] = nil
        wakeOne()
        await worker.stop()
    }

    private func free(_ identifier: Int32) {
        idle.append(identifier)
        wakeOne()
    }

    private func wakeOne() {
        if !waiting.isEmpty { waiting.removeFirst().resume() }
    }

    private func add(_ worker: WorkerProcess) {
        members[worker.processIdentifier] = Member(worker: worker, replacedAt: replacement.afterImages)
    }

    // MARK: - Replacing

    private func announce(_ reason: WorkerReplacement.Reason?, _ identifier: Int32) {
        if let reason { logger.log(.workerReplaced, "worker \(identifier) is replaced: \(reason)") }
    }

    private func startAnother() async throws(Failure) -> WorkerProcess {
        starting += 1
        do throws(Failure) {
            let worker = try await WorkerProcess.start(launch)
            starting -= 1
            restarts += 1
            add(worker)
            return worker
        } catch {
            starting -= 1
            wakeOne()
            // Whatever it is, it is not the image's.
            if error.disposition == .transient { throw error }
            throw Failure(.workerMissing, "No worker can be started: \(error.message)", remedy: error.remedy)
        }
    }

    /// Once the old one has ended.
    private func startSuccessor(after old: WorkerProcess) {
        starting += 1
        Task {
            await old.stop()
            starting -= 1
            await startIdle()
        }
    }

    /// The old one stays until the new one is ready.
    private func startSuccessor(for old: Int32) {
        Task {
            guard await startIdle() else {
                members[old]?.replacement = .none
                members[old]?.replacedAt += replacement.afterImages
                return
            }
            if let index = idle.firstIndex(of: old), let worker = members[old]?.worker {
                idle.remove(at: index)
                await lose(worker)
            } else {
                members[old]?.replacement = .ready
            }
        }
    }

    /// - Returns: false where there is none: then the next image without a worker tries again, and says why.
    @discardableResult
    private func startIdle() async -> Bool {
        guard !isStopped else { return false }
        do {
            let worker = try await startAnother()
            if isStopped { await lose(worker) } else { free(worker.processIdentifier) }
            return true
        } catch {
            logger.log(.workerNotStarted, "a worker cannot be replaced: \(error)")
            return false
        }
    }
}
