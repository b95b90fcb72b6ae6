import Foundation
import GRDB
import SystemPackage
import Testing

@testable import Core

@Suite("Store") struct StoreTests {
    private let folder: TemporaryFolder
    private let path: FilePath
    private let store: Store

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path.appending("log.db")
        store = try Store(path: path)
    }

    private func claim(_ name: String = "cat.jpg") throws -> Int64 {
        try store.claim(
            ArrivalRecord(
                claim: ClaimID().text, name: Data(name.utf8), nameText: name, bytes: 9,
                modifiedAt: Timestamp(milliseconds: 0), owner: 1000))
    }

    /// Reads as a person does: with a connection of one's own.
    private func rows(_ sql: String) throws -> [Row] {
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        return try DatabaseQueue(path: path.string, configuration: configuration).read {
            try Row.fetchAll($0, sql: sql)
        }
    }

    @Test("the views say what was explained, with the golden numbers of the map") func views() throws {
        try store.startRun(RunRecord(version: "1", modelFile: "/m.pt", model: Samples.model, workers: 1))
        let id = try claim()
        try store.complete(id, Samples.explanation(), overlays: ["/outbox/1-cat.jpg.cam.jpg"])

        let log = try #require(rows("SELECT * FROM log").first)
        #expect(log["name"] == "cat.jpg")
        #expect(log["state"] == "done")
        #expect(log["label"] == "cat")
        #expect(log["detections"] == 1)
        #expect(log["overlay"] == "/outbox/1-cat.jpg.cam.jpg")
        #expect(log["model"] == "sample")
        #expect(log["zero_cam"] == 0)

        let heat = try #require(rows("SELECT * FROM heat").first)
        #expect(abs((heat["heat_mean"] as Double) - 0.5) < 1e-7)
        #expect(abs((heat["heat_std"] as Double) - 0.325960) < 1e-6)
        #expect(abs((heat["gini"] as Double) - 0.371875) < 1e-6)
        #expect(heat["area20"] == 0.8125)
        #expect(heat["peak_x"] == 3)
        #expect(heat["hot_top"] == 2.0)
        #expect(try rows("SELECT * FROM detections WHERE label = 'cat' AND class_index = 281").count == 1)
    }

    @Test("a zero map is flagged, and its statistics are NULL, not 0") func zeroMap() throws {
        let map = HeatMap(width: 2, height: 2, values: [-1, -2, -3, -4])
        try store.complete(claim(), Samples.explanation(map: map), overlays: [])
        let heat = try #require(rows("SELECT * FROM heat").first)
        #expect(heat["zero_cam"] == 1)
        #expect(heat["raw_max"] == -1.0)
        for column in ["heat_mean", "entropy", "gini", "centroid_x", "peak_x", "border_energy", "hot_left"] {
            #expect(heat[column] == nil as Double?, "\(column)")
        }
        #expect(try rows("SELECT zero_cam FROM log").first?["zero_cam"] == 1)
    }

    @Test("an image in which nothing was found has a row without a label") func nothingFound() throws {
        var explanation = Samples.explanation()
        explanation.predictions = []
        try store.complete(claim(), explanation, overlays: ["/o.jpg"])
        let log = try #require(rows("SELECT * FROM log").first)
        #expect(log["detections"] == 0)
        #expect(log["label"] == nil as String?)
        #expect(log["overlay"] == "/o.jpg")
    }

    /// Two objects of which one was explained.
    private func objects() -> Explanation {
        var explanation = Samples.explanation(label: "stop")
        var explained = explanation.predictions[0]
        explained.object = DetectedObject(
            box: Box(left: 1, top: 1, right: 4, bottom: 4), objectness: 0.5, row: 17, stride: 8)
        // The golden numbers of the 4 x 4 map: 0.75 of its heat in 9 of 16 cells.
        explained.heat?.inBox = HeatInBox(
            shown: WarmHeat(Samples.map), hotBox: Box(left: 0, top: 2, right: 4, bottom: 4),
            box: Box(left: 1, top: 1, right: 4, bottom: 4),
            others: [])
        let left = Prediction(
            classIndex: 2, label: "yield", score: 0.3, logit: -0.8,
            object: DetectedObject(
                box: Box(left: 5, top: 6, right: 70, bottom: 80.5), objectness: nil, row: 99, stride: nil),
            heat: nil, overlay: 0)
        explanation.predictions = [explained, left]
        explanation.isCapped = true
        return explanation
    }

    @Test("objects have their boxes, and their heat is counted against them") func boxes() throws {
        try store.complete(claim(), objects(), overlays: ["/o.jpg"])
        let detections = try rows("SELECT * FROM detections ORDER BY ordinal")
        #expect(detections.map { $0["label"] as String } == ["stop", "yield"])
        #expect(detections.map { $0["box_bottom"] as Double } == [4, 80.5])
        #expect(detections.map { $0["objectness"] as Double? } == [0.5, nil])
        #expect(detections.map { $0["output_row"] as Int } == [17, 99])
        #expect(detections.map { $0["stride"] as Int? } == [8, nil])
        #expect(detections.map { $0["overlay"] as String } == ["/o.jpg", "/o.jpg"])
        let heat = try rows("SELECT * FROM heat")
        #expect(heat.count == 1)
        #expect(abs((heat[0]["energy_in_box"] as Double) - 0.75) < 1e-6)
        #expect(abs((heat[0]["energy_ratio"] as Double) - 1.333333) < 1e-6)
        #expect(heat[0]["pointing_hit"] == 1)
        let log = try #require(rows("SELECT detections, capped, label FROM log").first)
        #expect(log["detections"] == 2)
        #expect(log["capped"] == 1)
        #expect(log["label"] == "stop")
    }

    @Test("against a box a zero map has no numbers") func zeroMapInBox() throws {
        var explanation = objects()
        let map = HeatMap(width: 1, height: 1, values: [-1])
        explanation.predictions[0].heat?.inBox = HeatInBox(
            shown: WarmHeat(map.rectified), hotBox: nil, box: Box(left: 0, top: 0, right: 1, bottom: 1), others: [])
        try store.complete(claim(), explanation, overlays: [])
        let heat = try #require(rows("SELECT * FROM heat").first)
        for column in ["energy_in_box", "energy_ratio", "pointing_hit", "iou_hot_box", "other_energy"] {
            #expect(heat[column] == nil as Double?, "\(column)")
        }
    }

    @Test("a log of the first version is brought up to date, and keeps its rows") func upgraded() throws {
        let old = folder.path.appending("old.db")
        do {
            let database = try DatabaseQueue(path: old.string)
            try Schema.migrator.migrate(database, upTo: "1")
            try database.write { database in
                try database.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
                try database.execute(sql: "CREATE VIEW log AS SELECT id FROM arrival")
                try database.execute(
                    sql: """
                        INSERT INTO arrival (claim, name, name_text, bytes, modified_at, owner, state, attempt, claimed_at)
                        VALUES ('c', x'61', 'a', 1, '', 0, 'claimed', 1, '2026-01-01T00:00:00.000Z')
                        """)
            }
        }
        let store = try Store(path: old)
        try store.complete(1, objects(), overlays: [])
        let reader = try LogReader(path: old)
        #expect(try reader.entries(.init(limit: 9)).map { $0["capped"] } == [.integer(1)])
    }

    @Test("a failure has its reason and remedy in the view failures") func failures() throws {
        try store.fail(claim("x.jpg"), because: Failure(.notAnImage, "It is text.", remedy: "Send a JPEG."))
        let row = try #require(rows("SELECT * FROM failures").first)
        #expect(row["name"] == "x.jpg")
        #expect(row["code"] == "not_an_image")
        #expect(row["reason"] == "It is text.")
        #expect(row["remedy"] == "Send a JPEG.")
        #expect(try rows("SELECT error_code FROM log").first?["error_code"] == "not_an_image")
    }

    @Test("an image is finished once: a second time changes nothing") func once() throws {
        let id = try claim()
        try store.complete(id, Samples.explanation(), overlays: [])
        #expect(throws: (any Error).self) { try store.complete(id, Samples.explanation(), overlays: []) }
        #expect(throws: (any Error).self) { try store.fail(id, because: Failure(.internal, "late")) }
        #expect(try rows("SELECT * FROM detections").count == 1)
        #expect(try rows("SELECT state FROM log").first?["state"] == "done")
    }

    @Test("rows and state are one transaction: where one row is refused, none is there") func atomic() throws {
        let id = try claim()
        var explanation = Samples.explanation()
        explanation.predictions.append(explanation.predictions[0])
        explanation.predictions[1].score = .nan
        // SQLite stores NaN as NULL, which the column refuses.
        #expect(throws: (any Error).self) { try store.complete(id, explanation, overlays: []) }
        #expect(try rows("SELECT * FROM explanation").isEmpty)
        #expect(try rows("SELECT state FROM log").first?["state"] == "claimed")
    }

    @Test("an overlay whose path is not UTF-8 is a blob, byte for byte") func rawOverlay() throws {
        let bytes = Array("/o/".utf8) + [0xFF]
        try store.complete(claim(), Samples.explanation(), overlays: [FilePath(bytes: bytes)])
        #expect(try rows("SELECT overlay FROM log").first?["overlay"] == Data(bytes))
    }

    @Test("commits survive a power cut: synchronous is FULL on the connection that writes") func durable() throws {
        #expect(try store.pragma("synchronous") == "2")
        #expect(try store.pragma("journal_mode") == "wal")
        #expect(try store.pragma("foreign_keys") == "1")
        #expect(try store.pragma("auto_vacuum") == "2")
        #expect(try store.pragma("user_version") == "5")
        #expect(try store.pragma("application_id") == "\(0x4743_414D)")
    }

    @Test("-wal and -shm stay, so that people without write access can read") func persistentWAL() throws {
        _ = try claim()
        let other = folder.path.appending("other.db")
        do { _ = try Store(path: other) }
        #expect(FileManager.default.fileExists(atPath: other.string + "-wal"))
    }

    @Test("a database of another program is left alone") func foreign() throws {
        let other = folder.path.appending("foreign.db")
        try DatabaseQueue(path: other.string).write { try $0.execute(sql: "CREATE TABLE t (x)") }
        let error = #expect(throws: StoreError.self) { try Store(path: other) }
        #expect(error?.description.contains("database of another program") == true)
    }
}
