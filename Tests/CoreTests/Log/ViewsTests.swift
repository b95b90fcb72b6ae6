import Foundation
import GRDB
import Testing

@testable import Core

@Suite("Views") struct ViewsTests {
    private let folder: TemporaryFolder
    private let log: LogRows

    init() throws {
        folder = try TemporaryFolder()
        log = try LogRows(in: folder)
    }

    private static let heat = [
        "raw_max", "raw_min", "raw_sum", "zero_cam", "nonfinite", "pos_fraction", "heat_mean", "heat_std", "median",
        "p90", "p95", "p99", "entropy", "entropy_norm", "gini", "area50", "area20", "top10_mass", "centroid_x",
        "centroid_y", "spread", "spread_x", "spread_y", "peak_x", "peak_y", "n_peaks", "hot_left", "hot_top",
        "hot_right", "hot_bottom", "n_components", "border_energy", "border_ratio", "pad_energy", "ninth_1", "ninth_2",
        "ninth_3", "ninth_4", "ninth_5", "ninth_6", "ninth_7", "ninth_8", "ninth_9", "energy_in_box", "energy_ratio",
        "pointing_hit", "iou_hot_box", "other_energy",
    ]

    /// What gradcamd(8) promises. A column may be added to it; one that is taken away or renamed breaks what people
    /// wrote.
    private static let columns: [(view: String, columns: [String])] = [
        (
            "log",
            [
                "id", "time", "name", "state", "label", "score", "detections", "capped", "method", "layers", "zero_cam",
                "raw_max", "heat_mean", "overlay", "width", "height", "milliseconds", "attempt", "error_code",
                "error_text", "notes", "model", "same_as", "reexplains", "sha256",
            ]
        ),
        (
            "detections",
            [
                "id", "arrival_id", "time", "name", "ordinal", "class_index", "label", "score", "logit", "box_left",
                "box_top", "box_right", "box_bottom", "objectness", "output_row", "stride", "overlay",
            ]
        ),
        (
            "heat",
            [
                "detection_id", "arrival_id", "time", "name", "label", "score", "box_left", "box_top", "box_right",
                "box_bottom", "method", "layers", "target", "grid_width", "grid_height", "saturated",
            ] + heat
        ),
        ("failures", ["id", "time", "name", "code", "reason", "remedy", "attempt", "bytes"]),
        (
            "comparisons",
            ["name"]
                + ["id", "model", "label", "score", "detections", "heat_mean", "overlay"].flatMap {
                    ["old_\($0)", "new_\($0)"]
                }
        ),
        ("events", ["id", "time", "kind", "text"]),
        (
            "hourly",
            [
                "hour", "images", "done", "failed", "vanished", "duplicates", "bytes", "detections", "zero_cam",
                "mean_score", "mean_heat_mean", "mean_milliseconds", "max_milliseconds",
            ]
        ),
        (
            "slowest",
            [
                "id", "time", "name", "milliseconds", "decode", "preprocess", "forward", "explain", "write", "width",
                "height", "format", "bytes", "detections", "attempt", "model",
            ]
        ),
        (
            "duplicates",
            [
                "id", "time", "name", "state", "number", "earlier_id", "earlier_time", "earlier_name", "same_as",
                "bytes", "sha256",
            ]
        ),
        (
            "label_drift",
            ["label", "recent", "earlier"]
                + ["share", "score", "heat_mean", "border_ratio", "energy_in_box"].flatMap {
                    ["recent_\($0)", "earlier_\($0)", "\($0)_drift"]
                }
        ),
    ]

    @Test("the views and their columns are those that the manual promises", arguments: columns)
    func stable(view: String, columns: [String]) throws {
        let found = try log.rows("SELECT name FROM pragma_table_info('\(view)')").map { $0["name"] as String }
        #expect(found == columns)
    }

    @Test("each column of each view is in the manual") func documented() throws {
        let manual = try String(
            contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "../../../man/gradcamd.8"), encoding: .utf8)
        let text = try #require(manual.components(separatedBy: ".SH THE LOG").last)
            .components(separatedBy: ".SH ")[0]
        let words = Set(text.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init))
        for (view, columns) in Self.columns {
            #expect(words.contains(view))
            // "recent_ and earlier_ of score", "old_ and new_ of id", "ninth_1 ... ninth_9".
            let parts = columns.map { $0.replacing(/^(recent|earlier|old|new)_(?!id|time|name)/, with: "") }
                .map { $0.replacing(/^ninth_[2-8]$/, with: "ninth_1") }
            for part in parts where view != "comparisons" { #expect(words.contains(part), "\(view).\(part)") }
        }
    }

    @Test("an hour has its images, by state, and the times of those that were explained themselves")
    func hourly() throws {
        var explanation = Samples.explanation(score: 0.5)
        explanation.milliseconds = milliseconds(decode: 1, preprocess: 2, forward: 3, explain: 4, write: 5)
        let first = try log.done("a.jpg", at: "2026-07-01T08:00:00.000Z", explanation, content: "a")
        explanation = Samples.explanation(score: 0.75, map: HeatMap(width: 1, height: 1, values: [-1]))
        explanation.milliseconds = milliseconds(decode: 10, preprocess: 0, forward: 20, explain: 0, write: 5)
        try log.done("b.jpg", at: "2026-07-01T08:59:59.999Z", explanation)
        try log.done("c.jpg", at: "2026-07-01T08:30:00.000Z", content: "a", sameAs: first)
        try log.failed("d.jpg", at: "2026-07-01T08:30:00.000Z", Failure(.notAnImage, "It is text."))
        try log.done("e.jpg", at: "2026-07-01T09:00:00.000Z")
        _ = try log.claim("f.jpg", at: "2026-07-01T09:00:00.000Z")

        let hours = try log.rows("SELECT * FROM hourly ORDER BY hour")
        #expect(hours.map { $0["hour"] as String } == ["2026-07-01T08:00Z", "2026-07-01T09:00Z"])
        let hour = hours[0]
        #expect(hour.numbers("images", "done", "failed", "vanished") == [4, 3, 1, 0])
        #expect(hour.numbers("duplicates", "bytes", "detections", "zero_cam") == [1, 4000, 3, 1])
        // (0.5 + 0.75 + 0.5) / 3; the sample map's mean twice; (15 + 35) / 2.
        #expect(near(hour["mean_score"], 1.75 / 3))
        #expect(near(hour["mean_heat_mean"], 0.5))
        #expect(hour.numbers("mean_milliseconds", "max_milliseconds") == [25, 35])
        #expect(hours[1].numbers("images") == [1])
    }

    @Test("the slowest come first, with the stages; duplicates took no time of their own") func slowest() throws {
        var explanation = Samples.explanation()
        for (name, forward) in [("fast", 10.0), ("slow", 300), ("middle", 20)] {
            explanation.milliseconds = milliseconds(decode: 1, preprocess: 2, forward: forward, explain: 4, write: 5)
            let id = try log.done(name, at: "2026-07-01T08:00:00.000Z", explanation)
            if name == "slow" { try log.done("again", at: "2026-07-01T08:00:00.000Z", sameAs: id) }
        }
        let rows = try log.rows("SELECT * FROM slowest")
        #expect(rows.map { $0["name"] as String } == ["slow", "middle", "fast"])
        #expect(rows.map { $0["milliseconds"] as Double } == [312, 32, 22])
        #expect(rows[0].numbers("decode", "preprocess", "forward", "explain", "write") == [1, 2, 300, 4, 5])
        #expect(rows[0].numbers("width", "height", "bytes", "detections", "attempt") == [640, 480, 1000, 1, 1])
        #expect(rows[0]["model"] as String == "sample")
    }

    @Test("equal content is numbered from the first file that had it, whatever became of it") func duplicates() throws {
        let first = try log.done("a.jpg", at: "2026-07-01T08:00:00.000Z", content: "a")
        try log.failed("x", at: "2026-07-01T08:01:00.000Z", Failure(.notAnImage, "It is text."), content: "x")
        try log.done("b.jpg", at: "2026-07-01T08:02:00.000Z", content: "a", sameAs: first)
        try log.done("c.jpg", at: "2026-07-01T08:03:00.000Z", content: "a")
        try log.failed("y", at: "2026-07-01T08:04:00.000Z", Failure(.notAnImage, "It is text."), content: "x")
        try log.done("large.tif", at: "2026-07-01T08:05:00.000Z")
        let again = try log.done("a.jpg", at: "2026-07-01T08:06:00.000Z", content: "a")
        try log.change("UPDATE arrival SET reexplains = ? WHERE id = ?", [first, again])

        let rows = try log.rows("SELECT * FROM duplicates ORDER BY id")
        #expect(rows.map { $0["name"] as String } == ["b.jpg", "c.jpg", "y"])
        #expect(rows.map { $0["number"] as Int } == [2, 3, 2])
        #expect(rows.map { $0["earlier_name"] as String } == ["a.jpg", "a.jpg", "x"])
        #expect(rows.map { $0["earlier_time"] as String }[2] == "2026-07-01T08:01:00.000Z")
        #expect(rows.map { $0["earlier_id"] as Int64 } == [first, first, first + 1])
        #expect(rows.map { $0["same_as"] as Int64? } == [first, nil, nil])
    }

    @Test(
        "questions of a time, a name, the newest and the slowest read those rows alone",
        arguments: [
            ("SELECT * FROM log ORDER BY id DESC LIMIT 5", "SCAN arrival\n"),
            ("SELECT * FROM log WHERE time >= '2026' ORDER BY time DESC, id DESC LIMIT 5", "arrival_time (<expr>>?)"),
            ("SELECT * FROM log WHERE name = 'a'", "arrival_name (name_text=?)"),
            ("SELECT * FROM log WHERE id = 5", "arrival USING INTEGER PRIMARY KEY"),
            ("SELECT * FROM detections WHERE time >= '2026'", "arrival_finished (finished_at>?)"),
            ("SELECT * FROM detections WHERE label = 'cat'", "detection_label (label=?)"),
            ("SELECT * FROM heat WHERE time >= '2026'", "arrival_finished (finished_at>?)"),
            ("SELECT * FROM heat WHERE label = 'cat'", "detection_label (label=?)"),
            ("SELECT * FROM failures WHERE time >= '2026'", "arrival_failed (finished_at>?)"),
            ("SELECT * FROM failures ORDER BY id DESC LIMIT 5", "SCAN arrival USING INDEX arrival_failed_number"),
            ("SELECT * FROM hourly WHERE hour >= '2026'", "arrival_hour (<expr>>?)"),
            ("SELECT * FROM slowest LIMIT 5", "SCAN explanation USING INDEX explanation_milliseconds"),
            ("SELECT * FROM slowest WHERE time >= '2026' LIMIT 5", "arrival_finished (finished_at>?)"),
            ("SELECT * FROM label_drift", "SEARCH arrival USING INDEX arrival_finished (finished_at>?)"),
        ])
    func plans(query: String, part: String) throws {
        let plan = try log.rows("EXPLAIN QUERY PLAN \(query)").map { ($0["detail"] as String) + "\n" }.joined()
        #expect(plan.contains(part), "\(plan)")
        // Sorting all rows for five of them is what an index is there against.
        if query.contains("FROM log") { #expect(!plan.contains("B-TREE"), "\(plan)") }
    }
}

private func milliseconds(
    decode: Double, preprocess: Double, forward: Double, explain: Double, write: Double
) -> Milliseconds {
    var milliseconds = Milliseconds()
    (milliseconds.decode, milliseconds.preprocess, milliseconds.forward) = (decode, preprocess, forward)
    (milliseconds.explain, milliseconds.write) = (explain, write)
    return milliseconds
}
