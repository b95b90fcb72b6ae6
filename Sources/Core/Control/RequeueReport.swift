/// Which images `retry` or `reexplain` brought back into the queue.
package struct RequeueReport: Codable, Equatable, Sendable {
    package struct Refusal: Codable, Equatable, Sendable {
        package var id: Int64
        /// One sentence: "It is not failed but done."
        package var reason: String

        package init(id: Int64, reason: String) {
            self.id = id
            self.reason = reason
        }
    }

    /// Rows of the log that are tried again, at most `limit` of them.
    package var ids: [Int64]
    /// All of them.
    package var count: Int
    /// At most `limit` of them.
    package var refused: [Refusal]
    package var refusedCount: Int

    package static let limit = 10_000

    package init(ids: [Int64], count: Int, refused: [Refusal], refusedCount: Int) {
        self.ids = ids
        self.count = count
        self.refused = refused
        self.refusedCount = refusedCount
    }

    private enum CodingKeys: String, CodingKey {
        case ids, count, refused
        case refusedCount = "refused_count"
    }
}
