import Synchronization

/// What the service is doing and has done since it started, for `systemctl status`, `gradcam status` and `sync`.
package final class Progress: Sendable {
    /// An image between claim and end.
    package struct Work: Sendable {
        package let name: String
        /// When its file was seen in the inbox first.
        package let knownSince: ContinuousClock.Instant
        package let claimedAt: ContinuousClock.Instant
        /// Why it fails, while it is brought to that end.
        var verdict: Failure.Code?
        /// Why it stands still.
        package var waiting: String?
    }

    package struct Problem: Sendable {
        package let time: Timestamp
        package let name: String
        package let failure: Failure
    }

    package struct Standstill: Sendable {
        package let reason: String
        /// ISO 8601 in UTC.
        package let since: String

        init(_ reason: String, since: String = Timestamp.now.text) {
            self.reason = reason
            self.since = since
        }
    }

    package struct Snapshot: Sendable {
        package let startedAt = Timestamp.now
        package var done = 0
        package var failed = 0
        /// Of those that are done: took over an earlier explanation.
        package var reused = 0
        package var vanished = 0
        /// By the id of their rows.
        package var work: [Int64: Work] = [:]
        /// Why nothing is taken from the inbox, and since when: the moment is to blame.
        package var waiting: Standstill?
        /// A person said so.
        package var paused: Standstill?
        /// The inbox is not where it should be.
        package var missing: Standstill?
        /// The model of a reload that is loading.
        package var reloading: Standstill?
        /// The last few, oldest first.
        package var problems: [Problem] = []
        package var rate = Rate()
    }

    private static let keptProblems = 5

    let measurements = Measurements()
    private let state = Mutex(Snapshot())
    private let continuation: AsyncStream<Void>.Continuation
    /// One element after each change; several changes at once make one.
    package let changes: AsyncStream<Void>

    package init() {
        (changes, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    package enum Ending: Sendable { case done, reused, failed, vanished, released }

    package var snapshot: Snapshot { state.withLock { $0 } }

    /// - Parameter knownSince: when its file was seen first; now, where a former run saw it.
    func began(_ claim: Claim, knownSince: ContinuousClock.Instant = .now) {
        change {
            $0.work[claim.id] = Work(name: claim.file.text, knownSince: min(knownSince, .now), claimedAt: .now)
        }
    }

    func ended(_ claim: Claim, _ ending: Ending) {
        change { state in
            let work = state.work.removeValue(forKey: claim.id)
            state.waiting = nil
            if ending != .released, let work {
                measurements.addImage(
                    work.claimedAt.duration(to: .now), failed: ending == .failed ? work.verdict ?? .internal : nil)
            }
            switch ending {
            case .done: state.done += 1
            case .reused:
                state.done += 1
                state.reused += 1
            case .failed: state.failed += 1
            case .vanished: state.vanished += 1
            case .released: return
            }
            state.rate.count(at: .now)
        }
    }

    /// One image stands still for a reason that is not its own.
    func waits(_ claim: Claim, because failure: Failure) {
        change { state in
            state.work[claim.id]?.waiting = failure.message
            state.waiting = state.waiting ?? Standstill(failure.message)
            Self.note(failure, of: claim.file.text, in: &state)
        }
    }

    func goesOn(_ claim: Claim) { change { $0.work[claim.id]?.waiting = nil } }

    /// No image is taken.
    ///
    /// - Returns: whether it is news.
    func waits(because failure: Failure) -> Bool {
        defer { continuation.yield() }
        return state.withLock { state in
            let isNews = state.waiting == nil
            if isNews { Self.note(failure, of: "inbox", in: &state) }
            state.waiting = Standstill(failure.message, since: state.waiting?.since ?? Timestamp.now.text)
            return isNews
        }
    }

    func goesOn() { change { $0.waiting = nil } }

    /// Before the image is brought to its end, which may take several tries.
    func isJudged(_ claim: Claim, _ code: Failure.Code) { change { $0.work[claim.id]?.verdict = code } }

    /// - Parameter reason: `nil` ends the pause.
    package func paused(because reason: String?, since: String = Timestamp.now.text) {
        change { $0.paused = reason.map { Standstill($0, since: since) } }
    }

    /// - Parameter reason: `nil` when the inbox is back.
    package func inboxIsMissing(because reason: String?) { change { $0.missing = reason.map { Standstill($0) } } }

    /// - Parameter reason: what is loading; `nil` when the reload is over.
    package func reloads(_ reason: String?) { change { $0.reloading = reason.map { Standstill($0) } } }

    func failed(_ claim: Claim, because failure: Failure) {
        change { Self.note(failure, of: claim.file.text, in: &$0) }
    }

    private static func note(_ failure: Failure, of name: String, in state: inout Snapshot) {
        state.problems.append(Problem(time: .now, name: name, failure: failure))
        if state.problems.count > keptProblems { state.problems.removeFirst() }
    }

    private func change(_ body: (inout Snapshot) -> Void) {
        state.withLock { body(&$0) }
        continuation.yield()
    }
}
