package import Logging
import ServiceLifecycle
import Synchronization
package import SystemPackage

/// Answers at the control socket until the service stops.
package struct ControlServer: Service {
    package struct Limits: Sendable {
        /// Clients at a time.
        package var connections = 16
        /// A client that asks nothing for so long is let go.
        package var idle: Duration = .seconds(10)
        /// A client that does not read for so long is let go.
        package var unread: Duration = .seconds(10)
        /// `sync` says at least so often that it is alive.
        package var heartbeat: Duration = .seconds(10)

        package init() {}
    }

    private let listener: ControlListener?
    private let target: any ControlTarget
    private let limits: Limits
    private let logger: Logger

    /// Listens from here on. Where that cannot be, the log tells why and how to mend it: no image depends on it.
    ///
    /// - Parameter path: `nil` for no socket.
    package init(at path: FilePath?, target: any ControlTarget, limits: Limits = Limits(), logger: Logger) {
        self.target = target
        self.limits = limits
        self.logger = logger
        do throws(ControlListenerError) {
            listener = if let path { try ControlListener(path: path) } else { nil }
        } catch {
            logger.log(.controlHindered, "\(error)")
            listener = nil
        }
    }

    package func run() async throws {
        guard let listener else {
            // A service that returns would end the others.
            try? await gracefulShutdown()
            return
        }
        defer { listener.remove() }
        await cancelWhenGracefulShutdown { await serve(listener.socket) }
    }

    private func serve(_ listener: LocalSocket) async {
        let seats = Seats(limits.connections)
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                guard let client = await nextClient(of: listener) else { continue }
                let connection = ControlConnection(socket: client, target: target, limits: limits, logger: logger)
                group.addTask {
                    guard seats.take() else { return await connection.turnAway() }
                    defer { seats.give() }
                    await connection.serve()
                }
            }
        }
    }

    private func nextClient(of listener: LocalSocket) async -> LocalSocket? {
        do {
            return try await listener.accept()
        } catch is CancellationError {
            return nil
        } catch {
            logger.log(.controlHindered, "no client can be let in: \(error). Trying again.")
            try? await Task.sleep(for: .seconds(1))
            return nil
        }
    }
}

/// Counts who is served; the others are turned away instead of waiting.
private final class Seats: Sendable {
    private let free: Mutex<Int>

    init(_ count: Int) { free = Mutex(count) }

    /// - Returns: false where none is free.
    func take() -> Bool {
        free.withLock { free in
            guard free > 0 else { return false }
            free -= 1
            return true
        }
    }

    func give() { free.withLock { $0 += 1 } }
}
