import GRDB

extension LogReader {
    /// What rows of the view `log` come last. `time` and `id` are answered by an index.
    package enum Order: String, CaseIterable, Sendable { case time, id, score, milliseconds }

    /// Which rows of the view `log`: all conditions hold.
    package struct Filter: Sendable {
        /// The last rows in `order`, at most so many.
        package var limit: Int
        package var order = Order.time
        /// Not before: ISO 8601 text in UTC, or a beginning of one ("2026-11").
        package var since: String?
        /// Before.
        package var until: String?
        /// With an object or class of this label.
        package var label: String?
        /// In one of these; none: in any.
        package var states: Set<ArrivalRecord.State> = []
        /// A pattern of SQLite's GLOB: * ? [a-z].
        package var name: String?
        /// Of the best prediction; with `label`, of an object or class of that label.
        package var minimumScore: Double?
        package var maximumScore: Double?
        package var error: Failure.Code?
        /// Whose best prediction has a map without any positive value.
        package var zeroCAM = false

        package init(limit: Int, since: String? = nil, label: String? = nil) {
            self.limit = limit
            self.since = since
            self.label = label
        }

        /// Conditions on the columns of the view, joined by AND; "" where there are none.
        var condition: SQL {
            var conditions: [SQL] = []
            if let since { conditions.append("time >= \(since)") }
            if let until { conditions.append("time < \(until)") }
            if let label {
                let scores = bounds.isEmpty ? SQL("") : " AND \(bounds.joined(separator: " AND "))"
                conditions.append(
                    "id IN (SELECT arrival_id FROM detections WHERE label = \(label)\(scores))")
            } else {
                conditions += bounds
            }
            conditions += conditionsBesideLabel
            return conditions.isEmpty ? SQL("") : "(\(conditions.joined(separator: " AND ")))"
        }

        /// All but those on time, label and score.
        var conditionsBesideLabel: [SQL] {
            var conditions = stateConditions
            if let name { conditions.append("name GLOB \(name)") }
            if let error { conditions.append("error_code = \(error.rawValue)") }
            if zeroCAM { conditions.append("zero_cam = 1") }
            return conditions
        }

        /// On a column `score`.
        var bounds: [SQL] {
            let least: SQL? = minimumScore.map { "score >= \($0)" }
            let most: SQL? = maximumScore.map { "score <= \($0)" }
            return [least, most].compactMap(\.self)
        }

        /// In the words of the partial indices, which SQLite compares with the query's.
        private var stateConditions: [SQL] {
            if states.isEmpty { return [] }
            if states == [.failed] { return ["state = 'failed'"] }
            var conditions: [SQL] = ["state IN \(states.map(\.rawValue).sorted())"]
            if states.isSubset(of: [.claimed, .waiting]) { conditions.append("state IN ('claimed', 'waiting')") }
            return conditions
        }
    }
}
