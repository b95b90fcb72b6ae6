import Synchronization

/// What is in force from a start or a reload to the next one: the settings, the workers with their model, and the run
/// that rows belong to. An image belongs to the generation whose worker explains it.
package struct Generation: Sendable {
    package let settings: Settings
    package let model: ModelDescription
    /// Of the files that the workers loaded.
    package let content: ModelContent
    /// Shared with the generation before where no worker had to be started anew.
    package let pool: WorkerPool
    /// Its row's id.
    package let run: Int64
    let requests: RequestFactory

    package init(settings: Settings, model: ModelDescription, content: ModelContent, pool: WorkerPool, run: Int64) {
        self.settings = settings
        self.model = model
        self.content = content
        self.pool = pool
        self.run = run
        requests = RequestFactory(settings)
    }
}

/// The generation in force, and what is left of those before it.
package final class Generations: Sendable {
    private struct State {
        var current: Generation
        /// Pools of former generations whose workers finish their last image.
        var leaving: [WorkerPool] = []
    }

    private let state: Mutex<State>

    package init(_ first: Generation) { state = Mutex(State(current: first)) }

    package var current: Generation { state.withLock { $0.current } }

    /// No image begins with the old generation from here on.
    package func replace(by next: Generation) {
        state.withLock { state in
            if state.current.pool !== next.pool { state.leaving.append(state.current.pool) }
            state.current = next
        }
    }

    /// A worker that is free, and the generation that it works for; waits for one. `explain` or `giveBack` of the
    /// generation's pool must follow.
    ///
    /// - Throws: a transient failure where no worker can be started, or the service stops.
    func worker() async throws(Failure) -> (WorkerProcess, Generation) {
        while true {
            let pool = current.pool
            let worker = try await pool.worker()
            // A reload may have come between.
            let generation = current
            switch (worker, generation.pool === pool) {
            case (let worker?, true): return (worker, generation)
            case (let worker?, false): await pool.giveBack(worker)
            case (nil, true): throw Failure(.workerMissing, "The service is stopping.")
            case (nil, false): continue
            }
        }
    }

    /// What each worker does, those of former generations that still work included.
    package func workers() async -> [WorkerReport] {
        var reports: [WorkerReport] = []
        for pool in await pools() { reports += await pool.workers() }
        return reports.sorted { $0.processIdentifier < $1.processIdentifier }
    }

    /// Workers of any generation that are busy for longer than they may be.
    package func overdue() async -> [Int32] {
        var workers: [Int32] = []
        for pool in await pools() { workers += await pool.overdue() }
        return workers
    }

    /// Those that have workers.
    private func pools() async -> [WorkerPool] {
        var gone: [WorkerPool] = []
        for pool in state.withLock({ $0.leaving }) where await pool.workers().isEmpty { gone.append(pool) }
        return state.withLock { state in
            state.leaving.removeAll { pool in gone.contains { $0 === pool } }
            return state.leaving + [state.current.pool]
        }
    }
}
