/// How far a `sync` has come.
package struct SyncProgress: Codable, Equatable, Sendable {
    /// Of the files that it waits for.
    package var finished: Int
    package var remaining: Int

    package init(finished: Int, remaining: Int) {
        self.finished = finished
        self.remaining = remaining
    }
}

/// What became of the files that were dropped before a `sync`.
package struct SyncReport: Codable, Equatable, Sendable {
    /// Done or failed.
    package var finished: Int
    /// Of those, failed.
    package var failed: Int
    /// Files that were not waited for any longer, for they do not move by themselves, or the time ran out; at most
    /// `heldLimit` of them.
    package var held: [WhyReport]
    /// All of them.
    package var heldCount: Int
    package var timedOut: Bool

    package static let heldLimit = 100

    package init(finished: Int, failed: Int, held: [WhyReport], heldCount: Int, timedOut: Bool) {
        self.finished = finished
        self.failed = failed
        self.held = held
        self.heldCount = heldCount
        self.timedOut = timedOut
    }

    private enum CodingKeys: String, CodingKey {
        case finished, failed, held
        case heldCount = "held_count"
        case timedOut = "timed_out"
    }
}
