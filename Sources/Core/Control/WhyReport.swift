/// What becomes of one file, and why it is where it is.
package struct WhyReport: Codable, Equatable, Sendable {
    package enum State: String, Codable, CaseIterable, Sendable {
        // Not an image of ours.
        /// There is nothing of that name, and the log knows none.
        case absent
        /// Not below the inbox.
        case outside
        case link
        /// A folder, FIFO, socket or device.
        case notRegular = "not_regular"
        /// By its name.
        case ignored
        /// In a folder below too many others.
        case tooDeep = "too_deep"
        // In the inbox.
        case unreadable
        /// Somebody has it open for writing.
        case openByWriter = "open_by_writer"
        case settling
        /// Empty, or ends before its picture does; waited for.
        case incomplete
        /// Whole, next in line.
        case ready
        /// In the inbox, and nothing is claimed: paused, disk full, inbox missing.
        case held
        // Claimed.
        case inWork = "in_work"
        /// Tried again later for a reason that is not the image's.
        case waiting
        // Finished.
        case done, failed, vanished
    }

    /// Its path below the inbox, as readable text; as the person gave it where it lies outside.
    package var name: String
    package var state: State
    /// What a person reads behind the name, with what was measured: "it settles: 0.8 of 1.5 s without a change".
    package var sentence: String
    /// What the person can do; absent where nothing needs to be done.
    package var remedy: String?
    /// Of its row in the log.
    package var id: Int64?
    package var attempt: Int?
    /// When it came into this state; ISO 8601 in UTC.
    package var since: String?
    /// Of an image that is done.
    package var overlay: RawPath?

    package init(
        name: String, state: State, sentence: String, remedy: String? = nil, id: Int64? = nil, attempt: Int? = nil,
        since: String? = nil, overlay: RawPath? = nil
    ) {
        self.name = name
        self.state = state
        self.sentence = sentence
        self.remedy = remedy
        self.id = id
        self.attempt = attempt
        self.since = since
        self.overlay = overlay
    }
}
