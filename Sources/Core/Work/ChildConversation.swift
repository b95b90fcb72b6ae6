import SystemPackage

/// A child that is asked and answers, a line of JSON each way. It has a thread of its own, which waits in poll(2): while
/// nobody asks, nothing wakes up, and a deadline costs no timer.
actor ChildConversation {
    private let executor: ThreadExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Any other answer than a message is the child's end.
    enum Answer<Message: Sendable>: Sendable {
        case message(Message)
        /// It did not answer in time and was killed.
        case overdue
        /// It closed its output instead of answering.
        case silent(ChildProcess.End)
        /// What it answered is no message, or none that was asked for.
        case babbling
        /// It had ended before.
        case gone
    }

    /// How long a child may take to end when its input is closed.
    private static let patienceAtEnd: Duration = .seconds(5)

    private var child: ChildProcess?

    /// - Parameter name: of the thread.
    init(name: String) { executor = ThreadExecutor(name: name) }

    /// Starts the child. To be called once.
    ///
    /// - Throws: why it could not be started.
    func begin(
        _ executable: FilePath, arguments: [String], environment: [String: String] = [:], leadsGroup: Bool = false
    ) throws(Failure) -> ChildHandle {
        do throws(Errno) {
            let child = try ChildProcess(
                executable, arguments: arguments, environment: environment, leadsGroup: leadsGroup)
            self.child = child
            return child.handle
        } catch {
            throw Failure(
                .workerMissing, "\(executable) could not be started: \(error).",
                remedy: "Check that it is there and may be executed.")
        }
    }

    /// - Parameters:
    ///   - request: `nil` where the child speaks first.
    ///   - isFitting: whether a message is the answer to the request.
    func ask<Message: Decodable & Sendable>(
        _ request: (any Encodable & Sendable)?, within limit: Duration, isFitting: @Sendable (Message) -> Bool
    ) -> Answer<Message> {
        guard let child else { return .gone }
        let deadline = ContinuousClock.now + limit
        do throws(ChildProcess.Interruption) {
            if let request {
                guard let line = try? MessageCoding.line(request) else { throw .closed }
                try child.send(line, until: deadline)
            }
            let line = try child.line(until: deadline, limit: MessageCoding.maximumLineLength)
            if let message = try? MessageCoding.decode(Message.self, from: line), isFitting(message) {
                return .message(message)
            }
        } catch .closed {
            return .silent(end() ?? .killed)
        } catch .overdue {
            child.handle.kill()
            end()
            return .overdue
        } catch {}
        child.handle.kill()
        end()
        return .babbling
    }

    /// Lets the child end, and waits for that: one that does not end is killed.
    ///
    /// - Returns: `nil` where it had ended before.
    @discardableResult
    func end() -> ChildProcess.End? {
        defer { child = nil }
        return child?.end(within: Self.patienceAtEnd)
    }
}
