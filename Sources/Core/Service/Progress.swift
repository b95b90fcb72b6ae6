import Synchronization

/// What the service is doing, as `systemctl status` shows it.
package final class Progress: Sendable {
    private struct State {
        var done = 0
        var failed = 0
        var busy = 0
        var waiting: String?
    }

    private let state = Mutex(State())
    private let continuation: AsyncStream<Void>.Continuation
    /// One element after each change; several changes at once make one.
    package let changes: AsyncStream<Void>

    package init() {
        (changes, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func began() { change { $0.busy += 1 } }

    func ended(_ ending: Ending) {
        change { state in
            state.busy -= 1
            switch ending {
            case .done: state.done += 1
            case .failed: state.failed += 1
            case .released: break
            }
            state.waiting = nil
        }
    }

    /// Everything stands still for a reason that is not the images'.
    func waits(because reason: String) { change { $0.waiting = reason } }

    func goesOn() { change { $0.waiting = nil } }

    package enum Ending: Sendable { case done, failed, released }

    /// "12 done, 1 failed, 2 in work", and why it waits.
    package var summary: String {
        state.withLock { state in
            let counts = "\(state.done) done, \(state.failed) failed, \(state.busy) in work"
            return state.waiting.map { "\(counts); waiting: \($0)" } ?? counts
        }
    }

    private func change(_ body: (inout State) -> Void) {
        state.withLock { body(&$0) }
        continuation.yield()
    }
}
