import Foundation
import GRDB
import Testing

@testable import Core

@Suite("The view label_drift") struct LabelDriftTests {
    private let folder: TemporaryFolder
    private let log: LogRows

    init() throws {
        folder = try TemporaryFolder()
        log = try LogRows(in: folder)
    }

    private func add(_ label: String, _ score: Double, at day: String, heatMean: Double? = nil) throws {
        let id = try log.done(label, at: "\(day)T12:00:00.000Z", Samples.explanation(label: label, score: score))
        if let heatMean {
            try log.change(
                """
                UPDATE heat_map SET heat_mean = ? WHERE detection_id = (SELECT id FROM detections WHERE arrival_id = ?)
                """, [heatMean, id])
        }
    }

    private func row(of label: String) throws -> Row? {
        try log.rows("SELECT * FROM label_drift WHERE label = '\(label)'").first
    }

    private func drift(of label: String) throws -> Row { try #require(try row(of: label)) }

    /// 30 cats and 30 dogs before; of the last week, some cats.
    private func fill(recent: Int) throws {
        for index in 0..<30 {
            try add("cat", index % 2 == 0 ? 0.4 : 0.6, at: "2026-06-10", heatMean: 0.25)
            try add("dog", 0.9, at: "2026-06-10")
        }
        for _ in 0..<recent { try add("cat", 0.7, at: "2026-06-29", heatMean: 0.5) }
    }

    @Test("means differ in units of the earlier standard deviation, shares in units of sqrt(p (1 - p))")
    func differences() throws {
        try fill(recent: 10)
        let cat = try drift(of: "cat")
        #expect(cat.numbers("recent", "earlier") == [10, 30])
        // Variance 30 * 0.01 / 29; 0.2 / sqrt(0.0103448) = 1.966384.
        #expect(near(cat["earlier_score"], 0.5, by: 1e-12))
        #expect(near(cat["recent_score"], 0.7, by: 1e-12))
        #expect(near(cat["score_drift"], 1.966384))
        // 30 of 60 before, 10 of 10 now: 0.5 / sqrt(0.5 * 0.5).
        #expect(cat.numbers("recent_share", "earlier_share") == [1, 0.5])
        #expect(near(cat["share_drift"], 1))
        let dog = try drift(of: "dog")
        #expect(dog.numbers("recent", "recent_share") == [0, 0])
        #expect(near(dog["share_drift"], -1))
        #expect(dog.numbers("recent_score", "score_drift") == [nil, nil])
    }

    @Test("too few values, or earlier ones that are all the same, have no difference") func nothingToSay() throws {
        try fill(recent: 9)
        let few = try drift(of: "cat")
        #expect(few.numbers("score_drift", "share_drift") == [nil, nil])
        #expect(near(few["recent_score"], 0.7))
        try add("cat", 0.7, at: "2026-06-29", heatMean: 0.5)
        let same = try drift(of: "cat")
        #expect(same.numbers("recent_heat_mean", "earlier_heat_mean") == [0.5, 0.25])
        #expect(same.numbers("heat_mean_drift", "recent_energy_in_box", "energy_in_box_drift") == [nil, nil, nil])
    }

    @Test("older images, duplicates and images explained again do not count") func whatCounts() throws {
        // 35 days before the newest are too old, 7 days before it are earlier.
        try add("fox", 0.5, at: "2026-05-25")
        try add("owl", 0.5, at: "2026-06-22")
        try fill(recent: 9)
        #expect(try row(of: "fox") == nil)
        #expect(try drift(of: "owl").numbers("earlier") == [1])
        let newest: Int64? = try log.rows("SELECT max(id) AS id FROM log").first?["id"]
        let earlier = try #require(newest)
        try log.done("copy", at: "2026-06-29T12:00:00.000Z", sameAs: earlier)
        let again = try log.done("cat", at: "2026-06-29T12:00:00.000Z", Samples.explanation(label: "cat"))
        try log.change("UPDATE arrival SET reexplains = ? WHERE id = ?", [earlier, again])
        #expect(try drift(of: "cat").numbers("recent") == [9])
    }
}
