import CLinux
import Glibc
import Synchronization
import SystemPackage

/// Runs every job of one actor on one named thread, as `ThreadExecutor` does. Between them it waits in poll(2): for the
/// next job, and while the actor sleeps, for a descriptor and a moment, too. So neither a timer nor another thread wakes
/// up for it, where the task that sleeps prefers this thread: what it waited for would pass through the global pool else.
final class PollingThread: SerialExecutor, TaskExecutor {
    private let loop: PollingLoop

    /// - Parameters:
    ///   - name: as shown by `ps -L`; the kernel keeps 15 bytes.
    ///   - descriptor: must stay open as long as the actor lives.
    init(name: String, watching descriptor: Int32) throws(Errno) {
        loop = try PollingLoop(watching: descriptor)
        startThread(name: name) { [loop] in loop.run() }
    }

    deinit { loop.stop() }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.append { [actor = asUnownedSerialExecutor(), tasks = asUnownedTaskExecutor()] in
            job.runSynchronously(isolatedTo: actor, taskExecutor: tasks)
        }
    }

    /// Ends the sleep, or the next one at once.
    func wake() { loop.wake() }

    /// Sleeps until the descriptor can be read, the time has come, or `wake` is called. One sleeper at a time.
    ///
    /// - Parameter actor: the one that this thread is for. Named, so that the closures stay on it, too.
    /// - Returns: false where the task was cancelled; then no later sleep lasts either.
    func sleep(until instant: ContinuousClock.Instant, on actor: isolated any Actor = #isolation) async -> Bool {
        await withTaskCancellationHandler {
            _ = actor
            return await withCheckedContinuation { loop.suspend($0, until: instant) }
        } onCancel: {
            loop.cancelSleep()
        }
    }
}

private final class PollingLoop: Sendable {
    private struct Sleeper {
        let continuation: CheckedContinuation<Bool, Never>
        let end: ContinuousClock.Instant
    }

    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var sleeper: Sleeper?
        /// The next sleep is over at once.
        var isWoken = false
        var isCancelled = false
        var isStopped = false
        /// Whether the thread is in poll(2), or on its way there: the bell must be rung.
        var isWaiting = false

        /// To be resumed when the lock is free again.
        mutating func takeSleeper() -> CheckedContinuation<Bool, Never>? {
            defer { sleeper = nil }
            return sleeper?.continuation
        }
    }

    private let state = Mutex(State())
    private let descriptor: Int32
    /// eventfd(2): readable when it was rung.
    private let bell: Int32

    init(watching descriptor: Int32) throws(Errno) {
        self.descriptor = descriptor
        bell = try Errno.check(clinux_bell_make())
    }

    deinit { close(bell) }

    func append(_ job: @escaping @Sendable () -> Void) { change { $0.jobs.append(job) } }

    func stop() { change { $0.isStopped = true } }

    private func change(_ body: (inout State) -> Void) {
        let mustRing = state.withLock { state in
            body(&state)
            defer { state.isWaiting = false }
            return state.isWaiting
        }
        if mustRing { clinux_bell_ring(bell) }
    }

    // MARK: - Sleeping

    /// From any thread.
    func suspend(_ continuation: CheckedContinuation<Bool, Never>, until end: ContinuousClock.Instant) {
        var answer: Bool?
        change { state in
            if state.isCancelled {
                answer = false
            } else if state.isWoken {
                state.isWoken = false
                answer = true
            } else {
                state.sleeper = Sleeper(continuation: continuation, end: end)
            }
        }
        if let answer { continuation.resume(returning: answer) }
    }

    func wake() {
        let sleeper = state.withLock { state in
            if state.sleeper == nil { state.isWoken = true }
            return state.takeSleeper()
        }
        sleeper?.resume(returning: true)
    }

    func cancelSleep() {
        let sleeper = state.withLock { state in
            state.isCancelled = true
            return state.takeSleeper()
        }
        sleeper?.resume(returning: false)
    }

    // MARK: - The thread

    func run() {
        while let jobs = nextJobs() {
            for job in jobs { job() }
        }
    }

    /// Waits for them.
    ///
    /// - Returns: `nil` when the actor is gone.
    private func nextJobs() -> [@Sendable () -> Void]? {
        while true {
            let (jobs, end, isStopped) = state.withLock { state in
                defer { state.jobs = [] }
                state.isWaiting = state.jobs.isEmpty && !state.isStopped
                return (state.jobs, state.sleeper?.end, state.isStopped)
            }
            if !jobs.isEmpty { return jobs }
            if isStopped { return nil }
            wait(until: end)
        }
    }

    /// - Parameter end: of the sleep; `nil` where nobody sleeps, and the descriptor is of no interest.
    private func wait(until end: ContinuousClock.Instant?) {
        var entries = [pollfd(fd: bell, events: Int16(POLLIN), revents: 0)]
        if end != nil { entries.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)) }
        let count = poll(&entries, nfds_t(entries.count), end?.pollTimeout ?? -1)
        if entries[0].revents != 0 { clinux_bell_silence(bell) }
        guard let end else { return }
        let isReadable = count > 0 && entries[1].revents != 0
        if isReadable || ContinuousClock.now >= end {
            state.withLock { $0.takeSleeper() }?.resume(returning: true)
        }
    }
}
