import GRDB

extension LogReader {
    private static let mostExamples = 8
    private static let mostSlow = 10
    private static let mostDrift = 20

    /// All of one moment: the numbers of a report agree with each other.
    ///
    /// - Throws: `StoreError` where an older release wrote the log, whose views do not tell all of it.
    package func report(_ scope: ReportData.Scope) throws -> ReportData {
        try database.read { database in
            guard try Int.fetchOne(database, sql: "SELECT 1 FROM sqlite_schema WHERE name = 'label_drift'") == 1 else {
                throw Failure(
                    .badRequest, "The log is of an older release of gradcamd.",
                    remedy: "Start the service of this release once: it brings the log up to date.")
            }
            let condition = scope.condition
            var data = ReportData()
            data.summary = try Self.summary(condition, database)
            data.timeline = try Self.timeline(data.summary, condition, database)
            (data.labels, data.labelCount) = try Self.labels(condition, database)
            data.newest = try Self.newest(scope.overlays, condition, database)
            data.failures = try Self.failures(condition, database)
            data.slowest = try Self.slowest(condition, database)
            data.drift = try Self.drift(database)
            return data
        }
    }

    // MARK: - Images

    private static func summary(_ condition: SQL, _ database: Database) throws -> ReportData.Summary {
        var summary = ReportData.Summary()
        let states = try SQLRequest<Row>(
            literal: "SELECT state, count(*) AS images FROM log WHERE \(condition) GROUP BY state"
        ).fetchAll(database)
        for row in states { summary.images[row["state"]] = row["images"] }
        let totals = try SQLRequest<Row>(
            literal: """
                SELECT count(same_as) AS duplicates, coalesce(sum(detections), 0) AS detections,
                    count(*) FILTER (WHERE zero_cam) AS zero_cam,
                    avg(milliseconds) FILTER (WHERE same_as IS NULL) AS milliseconds,
                    min(time) AS first, max(time) AS last
                FROM log WHERE \(condition)
                """
        ).fetchOne(database)
        if let totals {
            summary.duplicates = totals["duplicates"]
            summary.detections = totals["detections"]
            summary.zeroCAM = totals["zero_cam"]
            summary.meanMilliseconds = totals["milliseconds"]
            (summary.first, summary.last) = (totals["first"], totals["last"])
        }
        summary.models = try SQLRequest<String>(
            literal: "SELECT DISTINCT model FROM log WHERE \(condition) AND model IS NOT NULL ORDER BY model"
        ).fetchAll(database)
        return summary
    }

    private static func timeline(
        _ summary: ReportData.Summary, _ condition: SQL, _ database: Database
    ) throws -> ReportData.Timeline? {
        guard let first = summary.first.flatMap({ Timestamp($0) }), let last = summary.last.flatMap({ Timestamp($0) })
        else { return nil }
        let unit = TimeUnit(from: first, to: last)
        var timeline = ReportData.Timeline(unit: unit, bars: [])
        let end = unit.bar(of: last)
        let begin = min(unit.bar(of: first), end - TimeUnit.fewestBars + 1)
        for bar in begin...end { timeline.bars.append(.init(start: unit.start(ofBar: bar))) }
        let rows = try SQLRequest<Row>(
            literal: """
                SELECT (CAST(strftime('%s', time) AS INTEGER) + \(unit.offset)) / \(unit.rawValue) AS bar,
                    count(*) FILTER (WHERE state = 'done') AS done, count(*) FILTER (WHERE state = 'failed') AS failed
                FROM log WHERE \(condition) GROUP BY bar
                """
        ).fetchAll(database)
        for row in rows {
            let index = Int((row["bar"] as Int64? ?? begin) - begin)
            guard timeline.bars.indices.contains(index) else { continue }
            timeline.bars[index].done += row["done"] as Int
            timeline.bars[index].failed += row["failed"] as Int
        }
        return timeline
    }

    private static func newest(_ limit: Int, _ condition: SQL, _ database: Database) throws -> [ReportData.Shown] {
        try SQLRequest<Row>(
            literal: """
                SELECT id, time, name, label, score, detections, zero_cam, overlay FROM log
                WHERE \(condition) AND state = 'done' AND overlay IS NOT NULL ORDER BY time DESC, id DESC LIMIT \(limit)
                """
        ).fetchAll(database).compactMap { row in
            ExplanationRows.path(of: row["overlay"]).map { overlay in
                ReportData.Shown(
                    id: row["id"], time: row["time"], name: row["name"], label: row["label"], score: row["score"],
                    detections: row["detections"], zeroCAM: row["zero_cam"] ?? false, overlay: RawPath(overlay))
            }
        }
    }

    private static func failures(_ condition: SQL, _ database: Database) throws -> [ReportData.FailureKind] {
        // A bare column beside max() is of the row that has the maximum: https://sqlite.org/lang_select.html, 2.5.
        let rows = try SQLRequest<Row>(
            literal: """
                SELECT code, count(*) AS count, max(time), reason, remedy FROM failures
                WHERE \(condition) GROUP BY code ORDER BY count(*) DESC, code
                """
        ).fetchAll(database)
        return try rows.map { row in
            let code: String = row["code"]
            var kind = ReportData.FailureKind(
                code: code, count: row["count"], reason: row["reason"] ?? "", remedy: row["remedy"] ?? "")
            kind.examples = try SQLRequest<Row>(
                literal: """
                    SELECT time, name FROM failures WHERE \(condition) AND code = \(code)
                    ORDER BY time DESC, id DESC LIMIT \(mostExamples)
                    """
            ).fetchAll(database).map { ReportData.Example(time: $0["time"], name: $0["name"]) }
            return kind
        }
    }

    private static func slowest(_ condition: SQL, _ database: Database) throws -> [ReportData.Slow] {
        try SQLRequest<Row>(literal: "SELECT * FROM slowest WHERE \(condition) LIMIT \(mostSlow)")
            .fetchAll(database).map { row in
                ReportData.Slow(
                    id: row["id"], time: row["time"] ?? "", name: row["name"], milliseconds: row["milliseconds"],
                    stages: ReportData.Slow.stageNames.map { row[$0] },
                    width: row["width"], height: row["height"])
            }
    }

    private static func drift(_ database: Database) throws -> [ReportData.Drift] {
        try Row.fetchAll(
            database, sql: "SELECT * FROM label_drift ORDER BY recent DESC, earlier DESC, label LIMIT ?",
            arguments: [mostDrift]
        ).map { row in
            ReportData.Drift(
                label: row["label"], earlier: row["earlier"], recent: row["recent"],
                changes: ReportData.Drift.quantities.map {
                    .init(earlier: row["earlier_\($0)"], recent: row["recent_\($0)"], drift: row["\($0)_drift"])
                })
        }
    }
}

extension ReportData.Scope {
    /// Of views with a column `time`.
    var condition: SQL {
        let conditions: [SQL?] = [since.map { "time >= \($0)" }, until.map { "time < \($0)" }]
        let given = conditions.compactMap(\.self)
        return given.isEmpty ? "1" : given.joined(separator: " AND ")
    }
}
