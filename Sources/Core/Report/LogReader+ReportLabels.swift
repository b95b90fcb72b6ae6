import GRDB

/// How sure a network is of each label, and where its heat lies.
extension LogReader {
    private static let mostLabels = 12
    private static let bins = 20

    /// Ranges of plots, the same for all labels so that they compare: the smallest that holds all values.
    private struct Ranges {
        let heatMean: ClosedRange<Double>
        let borderRatio: ClosedRange<Double>

        init(_ condition: SQL, _ database: Database) throws {
            let row = try SQLRequest<Row>(
                literal: """
                    SELECT max(heat_mean) AS heat_mean, max(border_ratio) AS border_ratio FROM heat WHERE \(condition)
                    """
            ).fetchOne(database)
            heatMean = Self.range([0.05, 0.1, 0.2, 0.5, 1], holding: row?["heat_mean"])
            borderRatio = Self.range([1, 2, 4, 8], holding: row?["border_ratio"])
        }

        private static func range(_ ends: [Double], holding largest: Double?) -> ClosedRange<Double> {
            0...(ends.first { $0 >= (largest ?? 0) - 1e-6 } ?? ends[ends.count - 1])
        }
    }

    /// The most frequent ones, and how many there are.
    static func labels(
        _ condition: SQL, _ database: Database
    ) throws -> (shown: [ReportData.Label], count: Int) {
        let all = try SQLRequest<Row>(
            literal: """
                SELECT label, count(*) AS count, avg(score) AS score FROM detections WHERE \(condition)
                GROUP BY label ORDER BY count(*) DESC, label
                """
        ).fetchAll(database)
        let ranges = try Ranges(condition, database)
        let shown = try all.prefix(mostLabels).map { row in
            let name: String = row["label"]
            var label = ReportData.Label(
                name: name, detections: row["count"],
                scores: try distribution("score", 0...1, "detections", name, condition, row["score"], database),
                heatMean: .init(histogram: .init(range: ranges.heatMean, bins: bins)),
                borderRatio: .init(histogram: .init(range: ranges.borderRatio, bins: bins)),
                energyInBox: .init(histogram: .init(range: 0...1, bins: bins)))
            try addHeat(to: &label, condition, database)
            return label
        }
        return (shown, all.count)
    }

    private static func addHeat(to label: inout ReportData.Label, _ condition: SQL, _ database: Database) throws {
        let ninths = (1...9).map { "avg(ninth_\($0)) AS ninth_\($0)" }.joined(separator: ", ")
        let row = try SQLRequest<Row>(
            literal: """
                SELECT count(*) AS maps, count(*) FILTER (WHERE zero_cam) AS zero_cam, avg(heat_mean) AS heat_mean,
                    avg(border_ratio) AS border_ratio, avg(energy_in_box) AS energy_in_box, \(sql: ninths)
                FROM heat WHERE \(condition) AND label = \(label.name)
                """
        ).fetchOne(database)
        guard let row else { return }
        label.maps = row["maps"]
        label.zeroCAM = row["zero_cam"]
        let shares = (1...9).compactMap { row["ninth_\($0)"] as Double? }
        label.ninths = shares.count == 9 ? shares : []
        func heat(_ column: String, _ range: ClosedRange<Double>) throws -> ReportData.Distribution {
            try distribution(column, range, "heat", label.name, condition, row[column], database)
        }
        label.heatMean = try heat("heat_mean", label.heatMean.histogram.range)
        label.borderRatio = try heat("border_ratio", label.borderRatio.histogram.range)
        label.energyInBox = try heat("energy_in_box", 0...1)
    }

    /// - Parameter column: of `view`; both are names of ours.
    private static func distribution(
        _ column: String, _ range: ClosedRange<Double>, _ view: String, _ label: String, _ condition: SQL,
        _ mean: Double?, _ database: Database
    ) throws -> ReportData.Distribution {
        var histogram = Histogram(range: range, bins: bins)
        let scale = Double(bins) / (range.upperBound - range.lowerBound)
        let rows = try SQLRequest<Row>(
            literal: """
                SELECT CAST(min(\(sql: column), \(range.upperBound)) * \(scale) AS INTEGER) AS bin, count(*) AS count
                FROM \(sql: view) WHERE \(condition) AND label = \(label) AND \(sql: column) IS NOT NULL GROUP BY bin
                """
        ).fetchAll(database)
        for row in rows { histogram.add(row["count"], inBin: row["bin"]) }
        return ReportData.Distribution(histogram: histogram, mean: mean)
    }
}
