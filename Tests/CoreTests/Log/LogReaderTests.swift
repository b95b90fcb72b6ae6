import Foundation
import GRDB
import Synchronization
import SystemPackage
import Testing

@testable import Core

@Suite("Log reader") struct LogReaderTests {
    private let folder: TemporaryFolder
    private let path: FilePath
    private let store: Store

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path.appending("log.db")
        store = try Store(path: path)
        for (name, label) in [("a.jpg", "cat"), ("b.jpg", "dog"), ("c.jpg", "cat")] {
            let id = try store.claim(
                ArrivalRecord(
                    claim: name, name: Data(name.utf8), nameText: name, bytes: 1, modifiedAt: .now, owner: 0))
            try store.complete(id, Samples.explanation(label: label), overlays: [])
        }
    }

    private func names(_ filter: LogReader.Filter) throws -> [LogReader.Entry.Value] {
        try LogReader(path: path).entries(filter).map { $0["name"] }
    }

    @Test("the newest rows come, oldest first") func newest() throws {
        #expect(try names(.init(limit: 2)) == [.text("b.jpg"), .text("c.jpg")])
    }

    @Test("rows are found by label and by time") func filters() throws {
        #expect(try names(.init(limit: 9, label: "cat")) == [.text("a.jpg"), .text("c.jpg")])
        #expect(try names(.init(limit: 9, since: "2999-01-01")).isEmpty)
        #expect(try names(.init(limit: 9, since: "2001")).count == 3)
    }

    private func names(_ change: (inout LogReader.Filter) -> Void) throws -> [String] {
        var filter = LogReader.Filter(limit: 9)
        change(&filter)
        return try LogReader(path: path).entries(filter).map {
            if case .text(let name) = $0["name"] { name } else { "?" }
        }
    }

    @Test("rows are found by state, name, score, error, time and map") func conditions() throws {
        let rows = try LogRows(in: folder)
        try rows.done("sure.jpg", at: "2026-07-01T08:00:00.000Z", Samples.explanation(label: "fox", score: 0.99))
        let zero = HeatMap(width: 1, height: 1, values: [-1])
        try rows.done(
            "zero.png", at: "2026-07-02T08:00:00.000Z", Samples.explanation(label: "fox", score: 0.2, map: zero))
        try rows.failed("bad.jpg", at: "2026-07-03T08:00:00.000Z", Failure(.notAnImage, "It is text."))
        _ = try rows.claim("open.jpg", at: "2026-07-04T08:00:00.000Z")

        #expect(try names { $0.states = [.failed] } == ["bad.jpg"])
        #expect(try names { $0.states = [.claimed] } == ["open.jpg"])
        #expect(try names { $0.states = [.claimed, .failed] } == ["bad.jpg", "open.jpg"])
        #expect(try names { $0.name = "[az]*.??g" }.sorted() == ["a.jpg", "zero.png"])
        #expect(try names { $0.minimumScore = 0.99 } == ["sure.jpg"])
        #expect(try names { $0.maximumScore = 0.2 } == ["zero.png"])
        #expect(try names { ($0.label, $0.minimumScore, $0.maximumScore) = ("fox", 0.1, 0.3) } == ["zero.png"])
        #expect(try names { $0.error = .notAnImage } == ["bad.jpg"])
        #expect(try names { $0.error = .damagedImage } == [])
        #expect(try names { $0.zeroCAM = true } == ["zero.png"])
        #expect(try names { ($0.since, $0.until) = ("2026-07-02", "2026-07-04") } == ["zero.png", "bad.jpg"])
        // The largest last; images without a score come before all.
        #expect(try names { ($0.order, $0.limit) = (.score, 2) } == ["c.jpg", "sure.jpg"])
        #expect(try names { ($0.order, $0.limit) = (.id, 1) } == ["open.jpg"])
        #expect(try names { ($0.order, $0.limit, $0.states) = (.time, 2, [.done]) } == ["b.jpg", "c.jpg"])
    }

    @Test("a score with a label is that label's, also where another one is the best") func scoreOfLabel() throws {
        let rows = try LogRows(in: folder)
        var explanation = Samples.explanation(label: "stop", score: 0.9)
        explanation.predictions.append(Samples.explanation(label: "yield", score: 0.4).predictions[0])
        try rows.done("both.jpg", at: "2026-07-01T08:00:00.000Z", explanation)
        #expect(try names { ($0.label, $0.maximumScore) = ("yield", 0.5) } == ["both.jpg"])
        #expect(try names { ($0.label, $0.minimumScore) = ("yield", 0.5) } == [])
    }

    @Test("an image of several objects of a label is one row, the last ones come") func labelOnce() throws {
        let rows = try LogRows(in: folder)
        for hour in 1...4 {
            var explanation = Samples.explanation(label: "stop", score: 0.9)
            explanation.predictions.append(Samples.explanation(label: "stop", score: 0.2).predictions[0])
            if hour == 2 { explanation.predictions.removeLast() }
            try rows.done("\(hour).jpg", at: "2026-07-01T0\(hour):00:00.000Z", explanation)
        }
        #expect(try names { ($0.label, $0.limit) = ("stop", 3) } == ["2.jpg", "3.jpg", "4.jpg"])
        #expect(try names { ($0.label, $0.limit, $0.maximumScore) = ("stop", 2, 0.5) } == ["3.jpg", "4.jpg"])
        #expect(try names { ($0.label, $0.states) = ("stop", [.failed]) } == [])
    }

    @Test("the last rows of a label are read without sorting all of them") func planOfLabel() throws {
        let queries = Mutex<[String]>([])
        let reader = try LogReader(path: path)
        try reader.database.read { database in
            database.trace { event in
                if case .statement(let statement) = event { queries.withLock { $0.append(statement.expandedSQL) } }
            }
            _ = try LogReader.entriesOfLabel("cat", .init(limit: 1, label: "cat"), in: database)
            let query = try #require(queries.withLock { $0.last })
            let plan = try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN \(query)").map { $0["detail"] as String }
            #expect(plan.contains("SEARCH found USING COVERING INDEX detection_label (label=?)"), "\(plan)")
            // That of the outermost query, of as many rows as were asked for.
            #expect(plan.count { $0.contains("B-TREE") } == 1, "\(plan)")
        }
    }

    @Test("reading never makes a file") func missing() throws {
        let nowhere = folder.path.appending("nowhere.db")
        #expect(throws: StoreError.self) { try LogReader(path: nowhere) }
        #expect(!FileManager.default.fileExists(atPath: nowhere.string))
    }
}
