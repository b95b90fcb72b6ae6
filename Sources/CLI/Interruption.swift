import ArgumentParser
import Dispatch
import Glibc
import Synchronization

/// Ctrl-C and SIGTERM as something to ask for, so that work can clean up before it ends.
final class Interruption {
    private let state: State
    private let sources: [any DispatchSourceSignal]

    init() {
        let state = State()
        self.state = state
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { state.number.store(number, ordering: .releasing) }
            source.resume()
            return source
        }
    }

    /// - Throws: `ExitCode` as shells report the signal.
    func check() throws(ExitCode) {
        let number = state.number.load(ordering: .acquiring)
        if number != 0 { throw ExitCode(128 + number) }
    }

    private final class State: Sendable {
        let number = Atomic<Int32>(0)
    }
}
