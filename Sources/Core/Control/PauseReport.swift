/// How the service is after `pause` or `resume`.
package struct PauseReport: Codable, Equatable, Sendable {
    /// After `resume` it may still wait for something else.
    package var state: StatusReport.State
    package var reason: String?
    /// When it came into this state; ISO 8601 in UTC.
    package var since: String
    /// Images that are finished nevertheless.
    package var inWork: Int

    package init(state: StatusReport.State, reason: String? = nil, since: String, inWork: Int) {
        self.state = state
        self.reason = reason
        self.since = since
        self.inWork = inWork
    }

    private enum CodingKeys: String, CodingKey {
        case state, reason, since
        case inWork = "in_work"
    }
}
