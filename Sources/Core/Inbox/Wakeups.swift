import Dispatch

/// Wakes one sleeper: when a descriptor can be read, at a moment that was asked for, or when somebody says so. Between
/// them nothing runs.
final class Wakeups: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private nonisolated(unsafe) let readable: any DispatchSourceRead
    private nonisolated(unsafe) let timer: any DispatchSourceTimer

    /// - Parameter descriptor: must stay open as long as this object lives.
    init(descriptor: Int32) {
        // Dispatch sources may be used from any thread; the Linux overlay does not say so.
        (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        readable = DispatchSource.makeReadSource(fileDescriptor: descriptor)
        timer = DispatchSource.makeTimerSource()
        readable.setEventHandler { [continuation] in continuation.yield() }
        timer.setEventHandler { [continuation] in continuation.yield() }
        readable.activate()
        timer.activate()
        readable.suspend()
    }

    deinit {
        // A suspended source must not be released.
        readable.resume()
        readable.cancel()
        timer.cancel()
    }

    /// Ends the sleep, or the next one at once.
    func wake() { continuation.yield() }

    /// Sleeps until the descriptor can be read, the time has come, or `wake` is called. One sleeper at a time.
    /// - Returns: false where the task was cancelled.
    func sleep(until instant: ContinuousClock.Instant) async -> Bool {
        let delay = max(.zero, ContinuousClock.now.duration(to: instant))
        timer.schedule(deadline: .now() + .milliseconds(Int(delay / .milliseconds(1)) + 1))
        // While the sleeper is busy with what can be read, the source would fire again and again.
        readable.resume()
        defer { readable.suspend() }
        for await _ in stream { return true }
        return false
    }
}
