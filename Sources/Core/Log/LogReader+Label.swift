import GRDB

extension LogReader {
    /// The last rows of a label, the very last one first. SQLite walks down the label's own index from its newest
    /// explanation and stops at the limit: what the log holds besides costs nothing. Explanations are numbered as they
    /// end, which is the order of time unless somebody set the clock back.
    ///
    /// - Precondition: the filter has a label, and no limits of time: beyond those the walk would not stop.
    static func entriesOfLabel(_ label: String, _ filter: Filter, in database: Database) throws -> [Entry] {
        var conditions: [SQL] = ["found.label = \(label)"]
        conditions += filter.bounds.map { "found.\($0)" }
        // Of several objects of an image the first one stands for it.
        var twins: [SQL] = ["earlier.label = found.label", "earlier.explanation_id = found.explanation_id"]
        twins += filter.bounds.map { "earlier.\($0)" } + ["earlier.id < found.id"]
        conditions.append("NOT EXISTS (SELECT 1 FROM detection AS earlier WHERE \(twins.joined(separator: " AND ")))")
        conditions += filter.conditionsBesideLabel
        return try entries(
            of: SQLRequest(
                literal: """
                    SELECT * FROM (
                        SELECT log.* FROM detection AS found
                        CROSS JOIN explanation AS own ON own.id = found.explanation_id
                        CROSS JOIN log ON log.id = own.arrival_id
                        WHERE \(conditions.joined(separator: " AND "))
                        ORDER BY found.explanation_id DESC LIMIT \(filter.limit))
                    ORDER BY time DESC, id DESC
                    """), in: database)
    }
}
