import CLinux
import Foundation

/// Runs every job of the actors bound to it, one after the other, on one named thread of its own.
///
/// fsync(2), rename(2) and SQLite commits block for as long as the disk pleases. On a thread of their own they
/// cost the cooperative pool, which has one thread per core, nothing.
package final class ThreadExecutor: SerialExecutor {
    private let loop = JobLoop()

    /// - Parameter name: as shown by `ps -L`; the kernel keeps 15 bytes.
    package init(name: String) {
        startThread(name: name) { [loop] in loop.run() }
    }

    deinit { loop.stop() }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.append { [executor = asUnownedSerialExecutor()] in job.runSynchronously(on: executor) }
    }
}

/// A thread of this name that ends with `body`.
func startThread(name: String, _ body: @escaping @Sendable () -> Void) {
    let thread = Thread {
        clinux_name_thread(name)
        body()
    }
    thread.stackSize = 2 << 20
    thread.start()
}

/// - Note: `@unchecked Sendable`: `jobs` and `isStopped` are only touched while `condition` is locked.
private final class JobLoop: @unchecked Sendable {
    private let condition = NSCondition()
    private var jobs: [() -> Void] = []
    private var isStopped = false

    func append(_ job: @escaping () -> Void) {
        condition.withLock {
            jobs.append(job)
            condition.signal()
        }
    }

    func stop() {
        condition.withLock {
            isStopped = true
            condition.signal()
        }
    }

    func run() {
        while let batch = nextBatch() {
            for job in batch { job() }
        }
    }

    private func nextBatch() -> [() -> Void]? {
        condition.withLock {
            while jobs.isEmpty && !isStopped { condition.wait() }
            defer { jobs.removeAll() }
            return jobs.isEmpty ? nil : jobs
        }
    }
}
