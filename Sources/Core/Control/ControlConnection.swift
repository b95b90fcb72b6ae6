import Logging
import Synchronization
import SystemPackage

/// The conversation with one client: whatever it sends, it gets an answer or is let go.
struct ControlConnection {
    let socket: LocalSocket
    let target: any ControlTarget
    let limits: ControlServer.Limits
    let logger: Logger

    /// How often `sync` looks for new numbers.
    private static let progressPeriod: Duration = .milliseconds(200)

    func serve() async {
        var lines = LineReader(socket, limit: ControlRequest.maximumLineLength)
        do {
            while let line = try await lines.line(until: .now + limits.idle) {
                try await send(try await answer(to: line))
            }
        } catch is LineReader.TooLong {
            try? await send(
                .failed(Failure(.badRequest, "A request has at most \(ControlRequest.maximumLineLength) bytes.")))
        } catch is CancellationError {
            try? await send(.failed(Failure(.workerMissing, "gradcamd is stopping.")))
        } catch {
            // Idle, or gone.
        }
    }

    /// Instead of serving it.
    func turnAway() async {
        try? await send(
            .failed(
                Failure(
                    .workerMissing, "\(limits.connections) clients are connected already.",
                    remedy: "Try again, or end some 'gradcam sync'.")))
    }

    private func send(_ content: ControlResponse.Content) async throws {
        try await socket.send(MessageCoding.line(ControlResponse(content)), until: .now + limits.unread)
    }

    // MARK: - Answering

    private func answer(to line: [UInt8]) async throws -> ControlResponse.Content {
        do {
            let command = try Self.command(in: line)
            if command.changesSomething { report(command) }
            return try await result(of: command)
        } catch let failure as Failure {
            return .failed(failure)
        } catch let gone as Gone {
            throw gone
        } catch is CancellationError where Task.isCancelled {
            throw CancellationError()
        } catch {
            return .failed(Failure(.internal, "\(error)"))
        }
    }

    private static func command(in line: [UInt8]) throws -> ControlRequest.Command {
        guard let text = String(validating: line, as: UTF8.self) else {
            throw Failure(.badRequest, "This is no request: it is not UTF-8.")
        }
        let request: ControlRequest
        do { request = try MessageCoding.decode(ControlRequest.self, from: text) } catch {
            throw Failure(.badRequest, "This is no request: \(reason(of: error)).")
        }
        guard request.version == ControlRequest.version else {
            throw Failure(
                .badRequest, "gradcamd speaks version \(ControlRequest.version), not \(request.version).",
                remedy: "Use a gradcam of the release of gradcamd.")
        }
        if case .why(let path) = request.command, !path.path.isAbsolute {
            throw Failure(.badRequest, "The path must be absolute.")
        }
        return request.command
    }

    private static func reason(of error: any Error) -> String {
        switch error as? DecodingError {
        case .keyNotFound(let key, _): "\(key.stringValue) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            (context.codingPath.map(\.stringValue) + [context.debugDescription.readable]).joined(separator: ": ")
        default: "it cannot be read"
        }
    }

    private func result(of command: ControlRequest.Command) async throws -> ControlResponse.Content {
        switch command {
        case .status: .status(try await target.status())
        case .why(let path): .why(try await target.why(path))
        case .sync(let timeout): .synced(try await sync(timeout))
        case .pause(let reason): .paused(try await target.pause(reason: Self.shortened(reason)))
        case .resume: .resumed(try await target.resume())
        case .rescan: try await rescanned()
        case .reload: .reloaded(try await target.reload())
        case .retry(let selection): .retried(try await target.retry(selection))
        case .reexplain(let selection): .reexplained(try await target.reexplain(selection))
        case .metrics: .metrics(try await target.metrics())
        case .retain: .retained(try await target.retain())
        }
    }

    private func rescanned() async throws -> ControlResponse.Content {
        try await target.rescan()
        return .rescanned
    }

    /// It is shown wherever the state is.
    private static func shortened(_ reason: String) -> String { String(reason.readable.prefix(200)) }

    /// Who changed the service. In a user namespace of its own (PrivateUsers=) every foreign user is 65534.
    private func report(_ command: ControlRequest.Command) {
        guard let peer = socket.peer else { return }
        logger.log(
            .commandGiven, "'\(command.name.rawValue)' was asked for by user \(peer.user), process \(peer.process)",
            metadata: ["GRADCAM_COMMAND": "\(command.name.rawValue)", "GRADCAM_USER": "\(peer.user)"])
    }

    // MARK: - Sync

    /// The client, not the target: nobody waits for an answer any more.
    private struct Gone: Error {}

    /// Waits for the target, tells the client how far it is, and gives up where the client goes away.
    private func sync(_ timeout: Duration?) async throws -> SyncReport {
        let latest = Latest()
        return try await withThrowingTaskGroup(of: SyncReport?.self) { group in
            group.addTask {
                try await target.sync(timeout: timeout) { latest.set($0) }
            }
            group.addTask {
                try await tell(latest)
                return nil
            }
            group.addTask {
                await socket.untilHungUp()
                return nil
            }
            // The first to end ends the others: an answer, or a client that has gone.
            defer { group.cancelAll() }
            guard let report = try await group.next() ?? nil else {
                try Task.checkCancellation()
                throw Gone()
            }
            return report
        }
    }

    private func tell(_ latest: Latest) async throws {
        var told: SyncProgress?
        var silent = ContinuousClock.now
        while true {
            try await Task.sleep(for: Self.progressPeriod)
            let progress = latest.value
            guard progress != told || .now - silent >= limits.heartbeat else { continue }
            do {
                try await send(.progress(progress ?? SyncProgress(finished: 0, remaining: 0)))
            } catch {
                throw Gone()
            }
            told = progress
            silent = .now
        }
    }
}

/// The last of many values.
private final class Latest: Sendable {
    private let state = Mutex<SyncProgress?>(nil)

    var value: SyncProgress? { state.withLock { $0 } }

    func set(_ progress: SyncProgress) { state.withLock { $0 = progress } }
}
