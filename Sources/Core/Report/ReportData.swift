/// What a report shows, out of the log's views.
package struct ReportData: Sendable {
    /// Which images, and how many overlays.
    package struct Scope: Equatable, Sendable {
        /// ISO 8601 text in UTC, or a beginning of one; not before, and before.
        package var since: String?
        package var until: String?
        package var overlays: Int

        package init(since: String? = nil, until: String? = nil, overlays: Int = 60) {
            self.since = since
            self.until = until
            self.overlays = overlays
        }
    }

    package struct Summary: Equatable, Sendable {
        /// By state.
        package var images: [String: Int] = [:]
        package var duplicates = 0
        package var detections = 0
        /// Images whose best prediction has a map without any positive value.
        package var zeroCAM = 0
        /// Of images that were explained themselves.
        package var meanMilliseconds: Double?
        package var models: [String] = []
        /// Times of the first and the last image.
        package var first: String?
        package var last: String?

        package var total: Int { images.values.reduce(0, +) }
    }

    package struct Timeline: Equatable, Sendable {
        package struct Bar: Equatable, Sendable {
            package let start: Timestamp
            package var done = 0
            package var failed = 0
        }

        package let unit: TimeUnit
        /// Without gaps.
        package var bars: [Bar]
    }

    /// A quantity of heat over the maps of a label.
    package struct Distribution: Equatable, Sendable {
        package var histogram: Histogram
        package var mean: Double?
    }

    package struct Label: Equatable, Sendable {
        package let name: String
        package let detections: Int
        package var scores: Distribution
        /// Maps, and those of them without any positive value.
        package var maps = 0
        package var zeroCAM = 0
        package var heatMean: Distribution
        package var borderRatio: Distribution
        package var energyInBox: Distribution
        /// Mean share of heat in 3 x 3 parts, row by row; empty without heat.
        package var ninths: [Double] = []
    }

    package struct Shown: Equatable, Sendable {
        package let id: Int64
        package let time: String
        package let name: String
        package let label: String?
        package let score: Double?
        package let detections: Int
        package let zeroCAM: Bool
        package let overlay: RawPath
    }

    package struct FailureKind: Equatable, Sendable {
        package let code: String
        package let count: Int
        /// Of the newest.
        package let reason: String
        package let remedy: String
        /// Times and names of the newest.
        package var examples: [Example] = []
    }

    package struct Example: Equatable, Sendable {
        package let time: String
        package let name: String
    }

    package struct Slow: Equatable, Sendable {
        package let id: Int64
        package let time: String
        package let name: String
        package let milliseconds: Double
        package static let stageNames = ["decode", "preprocess", "forward", "explain", "write"]

        /// Milliseconds, in the order of `stageNames`.
        package let stages: [Double]
        package let width: Int
        package let height: Int
    }

    package struct Drift: Equatable, Sendable {
        package struct Change: Equatable, Sendable {
            package let earlier: Double?
            package let recent: Double?
            /// In units of the earlier standard deviation.
            package let drift: Double?
        }

        package static let quantities = ["share", "score", "heat_mean", "border_ratio", "energy_in_box"]

        package let label: String
        package let earlier: Int
        package let recent: Int
        /// In the order of `quantities`.
        package let changes: [Change]
    }

    package var summary = Summary()
    package var timeline: Timeline?
    /// The most frequent ones.
    package var labels: [Label] = []
    /// Of how many labels those are.
    package var labelCount = 0
    package var newest: [Shown] = []
    package var failures: [FailureKind] = []
    package var slowest: [Slow] = []
    package var drift: [Drift] = []

    package init() {}
}
