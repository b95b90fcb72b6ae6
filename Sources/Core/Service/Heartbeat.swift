package import Logging

/// Whether the service does its work: what the watchdog is fed by.
package struct Heartbeat: Sendable {
    private let watcher: InboxWatcher
    private let journal: Journal
    private let pipeline: ImagePipeline
    private let generations: Generations
    private let logger: Logger

    package init(
        watcher: InboxWatcher, journal: Journal, pipeline: ImagePipeline, generations: Generations, logger: Logger
    ) {
        self.watcher = watcher
        self.journal = journal
        self.pipeline = pipeline
        self.generations = generations
        self.logger = logger
    }

    /// Returns when every part of the run loop has answered; never where one is stuck.
    ///
    /// - Returns: false where a worker works for longer than its deadline and is still not killed.
    package func isThere() async -> Bool {
        await watcher.ping()
        await journal.ping()
        await pipeline.ping()
        let overdue = await generations.overdue()
        for worker in overdue {
            logger.log(
                .workerHung, "worker \(worker) is beyond workers.deadline_seconds and was not killed")
        }
        return overdue.isEmpty
    }
}
