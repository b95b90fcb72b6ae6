/// What may go, and when. 0 keeps for ever, which is the default of everything.
package struct RetentionPolicy: Equatable, Sendable {
    /// Whichever comes first.
    package struct Limit: Equatable, Sendable {
        package var days = 0
        /// Of all files together; the oldest go until they are below.
        package var bytes = 0

        package init(days: Int = 0, bytes: Int = 0) {
            self.days = days
            self.bytes = bytes
        }

        var isSet: Bool { days > 0 || bytes > 0 }
    }

    /// `done/`.
    package var originals = Limit()
    /// `outbox/`: overlays and raw heat maps.
    package var overlays = Limit()
    /// `failed/`, each with its reason.
    package var failedDays = 0
    /// Rows of the log that are in a final state, with everything below them.
    package var rowsDays = 0
    /// Of the database without its free pages; the oldest rows go until it is below.
    package var logBytes = 0

    package init() {}

    /// A log without rows is larger than less than this.
    package static let minimumLogBytes = 1 << 20

    var removesRows: Bool { rowsDays > 0 || logBytes > 0 }

    /// Nothing ever goes.
    package var keepsEverything: Bool { !originals.isSet && !overlays.isSet && failedDays == 0 && !removesRows }
}
