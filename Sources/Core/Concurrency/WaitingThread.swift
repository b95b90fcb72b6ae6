import Foundation

/// Runs an asynchronous function on the calling thread, and waits for its end. The global pool of threads, whose
/// timer wakes the process up every second from its first task on, is not touched.
package func waitingHere<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) -> Value {
    let executor = WaitingThread<Value>()
    Task(executorPreference: executor) { executor.end(with: await body()) }
    return executor.run()
}

/// The thread that waits does the work.
///
/// - Note: `@unchecked Sendable`: `jobs` and `value` are only touched while `condition` is locked.
private final class WaitingThread<Value: Sendable>: TaskExecutor, @unchecked Sendable {
    private let condition = NSCondition()
    private var jobs: [UnownedJob] = []
    private var value: Value?

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        condition.withLock {
            jobs.append(job)
            condition.signal()
        }
    }

    func end(with value: Value) {
        condition.withLock {
            self.value = value
            condition.signal()
        }
    }

    func run() -> Value {
        while true {
            switch next() {
            case .job(let job): job.runSynchronously(on: asUnownedTaskExecutor())
            case .end(let value): return value
            }
        }
    }

    private enum Next {
        case job(UnownedJob)
        case end(Value)
    }

    private func next() -> Next {
        condition.withLock {
            while true {
                // The last job may not have returned when it says that it ends.
                if !jobs.isEmpty { return .job(jobs.removeFirst()) }
                if let value { return .end(value) }
                condition.wait()
            }
        }
    }
}
