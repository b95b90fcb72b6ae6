import Dispatch

/// Wakes one sleeper: when a descriptor can be read, or at a moment that was asked for. Between them nothing runs.
final class Wakeups: Sendable {
    private let stream: AsyncStream<Void>
    private nonisolated(unsafe) let readable: any DispatchSourceRead
    private nonisolated(unsafe) let timer: any DispatchSourceTimer

    /// - Parameter descriptor: must stay open as long as this object lives.
    init(descriptor: Int32) {
        // Dispatch sources may be used from any thread; the Linux overlay does not say so.
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.stream = stream
        readable = DispatchSource.makeReadSource(fileDescriptor: descriptor)
        timer = DispatchSource.makeTimerSource()
        readable.setEventHandler { continuation.yield() }
        timer.setEventHandler { continuation.yield() }
        readable.activate()
        timer.activate()
    }

    deinit {
        readable.cancel()
        timer.cancel()
    }

    /// Sleeps until the descriptor can be read or the time has come.
    /// - Returns: false where the task was cancelled.
    func sleep(until instant: ContinuousClock.Instant) async -> Bool {
        let delay = max(.zero, ContinuousClock.now.duration(to: instant))
        timer.schedule(deadline: .now() + .milliseconds(Int(delay / .milliseconds(1)) + 1))
        for await _ in stream { return true }
        return false
    }
}
