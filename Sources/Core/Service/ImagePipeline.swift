package import Logging
import ServiceLifecycle
import SystemPackage

/// The run loop: takes whole files from the watcher, has the journal claim them and the workers explain them, and
/// brings each image to exactly one end.
package struct ImagePipeline: Service {
    private static let reminderPeriod: Duration = .seconds(10)

    let watcher: InboxWatcher
    let journal: Journal
    let generations: Generations
    let recovered: [Claim]
    let repetitions: Repetitions
    let gate: Gate
    let slots: Slots
    let progress: Progress
    let logger: Logger

    /// - Parameters:
    ///   - recovered: claims that a former run left.
    ///   - gate: closed while the service is paused.
    package init(
        watcher: InboxWatcher, journal: Journal, generations: Generations, recovered: [Claim],
        repetitions: Repetitions, gate: Gate, progress: Progress, logger: Logger
    ) {
        self.watcher = watcher
        self.journal = journal
        self.generations = generations
        self.recovered = recovered
        self.repetitions = repetitions
        self.gate = gate
        self.progress = progress
        self.logger = logger
        // The directory is the queue: only so many are claimed that no worker waits for the next.
        slots = Slots(Self.claimed(by: generations.current.settings))
    }

    private static func claimed(by settings: Settings) -> Int { 2 * settings.workers.count }

    /// The number of workers may have changed.
    package func apply(_ settings: Settings) async { await slots.resize(to: Self.claimed(by: settings)) }

    /// Returns when its parts have answered.
    package func ping() async {
        await slots.ping()
        _ = await gate.isClosed
    }

    /// Ends when the group shuts down: what is at a worker is finished, the rest stays in the inbox.
    ///
    /// - Throws: `TreeReplaced`.
    package func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { await takeRecovered() }
            group.addTask { try await takeFromInbox() }
            group.addTask { await takeRepetitions() }
            group.addTask { await remindOfStranded() }
        }
    }

    // MARK: - Where images come from

    private func takeRecovered() async {
        await withDiscardingTaskGroup { group in
            for claim in recovered {
                progress.began(claim)
                await slots.take()
                group.addTask { await process(claim) }
            }
        }
    }

    private func takeFromInbox() async throws {
        let inflow = Inflow(pipeline: self)
        try await withThrowingDiscardingTaskGroup { group in
            while true {
                await slots.take()
                guard let claim = try await inflow.next() else { return }
                group.addTask { await process(claim) }
            }
        }
    }

    private func takeRepetitions() async {
        let inflow = Inflow(pipeline: self)
        await withDiscardingTaskGroup { group in
            for await _ in repetitions.requests.cancelOnGracefulShutdown() {
                while true {
                    await slots.take()
                    guard let claim = await inflow.nextRepetition() else { break }
                    group.addTask { await process(claim) }
                }
                await slots.give()
            }
        }
    }

    /// What kept a claimed image from getting its row passes by itself, and nobody says when.
    private func remindOfStranded() async {
        for await _ in journal.stranded.cancelOnGracefulShutdown() {
            while await sleep(for: Self.reminderPeriod), await journal.hasStranded { repetitions.requested() }
        }
    }

    // MARK: - One image

    private func process(_ claim: Claim) async {
        progress.ended(claim, await ImageAttempts(claim: claim, pipeline: self).ending())
        await slots.give()
    }

    /// Waits while the service is paused.
    ///
    /// - Returns: false where the service stops meanwhile.
    func passGate() async -> Bool {
        guard await gate.isClosed else { return true }
        await cancelWhenGracefulShutdown { await gate.pass() }
        return await !gate.isClosed
    }

    /// - Returns: false where the service stops meanwhile.
    func sleep(for duration: Duration) async -> Bool {
        do {
            return try await cancelWhenGracefulShutdown {
                try await Task.sleep(for: duration)
                return true
            }
        } catch {
            return false
        }
    }
}
