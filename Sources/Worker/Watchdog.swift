import CLinux
import Core
import Foundation
import Synchronization
import SystemPackage

/// A thread that ends this process at once: when a step takes too long, and when nobody reads the answers any more.
///
/// The second is how a worker notices that its daemon died in the middle of an image. The parent-death signal of
/// prctl(2) would come when the *thread* that started the worker ends; and standard input ends early in
/// `echo … | gradcam-worker` as well. A pipe without a reader is neither, and poll(2) reports it unasked.
final class Watchdog: Sendable {
    private let output: MessageOutput
    private let timer: Int32
    /// The line that is written when the timer runs out; `nil` while no step is timed.
    private let lastWords = Mutex<String?>(nil)

    /// Starts the thread. To be called before memory is limited or short: a thread needs a stack.
    init(output: MessageOutput) throws(Failure) {
        self.output = output
        timer = clinux_timer_make()
        guard timer >= 0 else { throw Failure(.internal, "There is no descriptor left for a timer.") }
        let thread = Thread { [self] in
            clinux_name_thread("watchdog")
            watch()
        }
        thread.stackSize = 256 << 10
        thread.start()
    }

    /// Runs `body`. Where that takes longer than `seconds`, this process writes `line` and ends.
    ///
    /// - Parameter line: made beforehand, for later there may be no memory for it.
    func limit<Result>(
        to seconds: Double, orElse line: String, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        lastWords.withLock { $0 = line }
        clinux_timer_set(timer, UInt64(max(seconds * 1e9, 1)))
        defer {
            clinux_timer_set(timer, 0)
            // Waits for ever where the thread holds the lock: it ends the process, and there is one answer.
            lastWords.withLock { $0 = nil }
        }
        return try body()
    }

    private func watch() {
        var files = [
            pollfd(fd: output.descriptor.rawValue, events: 0, revents: 0),
            pollfd(fd: timer, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            guard poll(&files, nfds_t(files.count), -1) > 0 else { continue }
            if files[0].revents != 0 { _exit(EX_IOERR) }
            var expirations: UInt64 = 0
            // Nothing to read: it was stopped in the meantime.
            guard read(timer, &expirations, MemoryLayout.size(ofValue: expirations)) > 0 else { continue }
            lastWords.withLock { line in
                guard let line else { return }
                try? output.write(line: line)
                _exit(EX_SOFTWARE)
            }
        }
    }
}
