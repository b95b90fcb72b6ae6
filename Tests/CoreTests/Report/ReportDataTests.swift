import Foundation
import SystemPackage
import Testing

@testable import Core

@Suite("Report data") struct ReportDataTests {
    private let folder: TemporaryFolder
    private let log: LogRows

    init() throws {
        folder = try TemporaryFolder()
        log = try LogRows(in: folder)
    }

    private func report(_ scope: ReportData.Scope = .init()) throws -> ReportData {
        try LogReader(path: log.path).report(scope)
    }

    private func fill() throws {
        let zero = HeatMap(width: 1, height: 1, values: [-1])
        var slow = Samples.explanation(label: "cat", score: 0.97)
        (slow.milliseconds.decode, slow.milliseconds.forward) = (10, 90)
        var quick = Samples.explanation(label: "cat", score: 0.52)
        quick.milliseconds.forward = 50
        let first = try log.done("slow.jpg", at: "2026-07-01T08:10:00.000Z", slow, overlay: "/o/1.jpg")
        try log.done("quick.jpg", at: "2026-07-01T09:10:00.000Z", quick, overlay: "/o/2.jpg")
        try log.done(
            "zero.jpg", at: "2026-07-02T08:10:00.000Z", Samples.explanation(label: "dog", score: 1, map: zero))
        try log.done("again.jpg", at: "2026-07-02T08:20:00.000Z", sameAs: first)
        try log.failed(
            "text.jpg", at: "2026-07-02T08:30:00.000Z", Failure(.notAnImage, "It is text.", remedy: "Send a JPEG."))
        try log.failed(
            "zip.jpg", at: "2026-07-02T08:40:00.000Z", Failure(.notAnImage, "It is a ZIP.", remedy: "Unpack."))
        _ = try log.claim("open.jpg", at: "2026-07-02T08:50:00.000Z")
    }

    @Test("images are counted by state; duplicates took no time") func summary() throws {
        try fill()
        let summary = try report().summary
        #expect(summary.images == ["done": 4, "failed": 2, "claimed": 1] && summary.total == 7)
        #expect(summary.duplicates == 1 && summary.detections == 4 && summary.zeroCAM == 1)
        // 100, 50 and 0 ms.
        #expect(near(summary.meanMilliseconds, 50))
        #expect(summary.models == ["sample"])
        #expect(summary.first == "2026-07-01T08:10:00.000Z" && summary.last == "2026-07-02T08:50:00.000Z")
    }

    @Test("bars without gaps hold every finished image") func timeline() throws {
        try fill()
        let timeline = try #require(try report().timeline)
        #expect(timeline.unit == .hour && timeline.bars.count == 25)
        let filled = timeline.bars.filter { $0.done + $0.failed > 0 }
        #expect(filled.map { $0.start.text.prefix(13) } == ["2026-07-01T08", "2026-07-01T09", "2026-07-02T08"])
        #expect(filled.map(\.done) == [1, 1, 2] && filled.map(\.failed) == [0, 0, 2])
    }

    @Test("each label has its scores and its heat") func labels() throws {
        try fill()
        let data = try report()
        #expect(data.labels.map(\.name) == ["cat", "dog"] && data.labelCount == 2)
        let cat = data.labels[0]
        #expect(cat.detections == 3 && cat.maps == 3 && cat.zeroCAM == 0)
        // 0.97 twice in the bin from 0.95, 0.52 in that from 0.5.
        #expect(cat.scores.histogram.counts[19] == 2 && cat.scores.histogram.counts[10] == 1)
        #expect(cat.scores.histogram.total == 3 && near(cat.scores.mean, 2.46 / 3))
        // The sample map has a mean of 0.5, which is the end of the range.
        #expect(cat.heatMean.histogram.range == 0...0.5 && cat.heatMean.histogram.counts[19] == 3)
        #expect(near(cat.heatMean.mean, 0.5) && cat.energyInBox.mean == nil)
        #expect(near(cat.ninths.reduce(0, +), 1) && cat.ninths.count == 9)
        let dog = data.labels[1]
        // A score of 1 belongs to the last bin.
        #expect(dog.scores.histogram.counts[19] == 1)
        #expect(dog.maps == 1 && dog.zeroCAM == 1 && dog.ninths.isEmpty && dog.heatMean.histogram.total == 0)
    }

    @Test("failures of a kind have the reason, remedy and names of the newest") func failures() throws {
        try fill()
        let failures = try report().failures
        #expect(failures.map(\.code) == ["not_an_image"] && failures[0].count == 2)
        #expect(failures[0].reason == "It is a ZIP." && failures[0].remedy == "Unpack.")
        #expect(failures[0].examples.map(\.name) == ["zip.jpg", "text.jpg"])
    }

    @Test("the newest overlays, and the slowest images with their stages") func images() throws {
        try fill()
        let data = try report(.init(overlays: 1))
        #expect(data.newest.map(\.name) == ["quick.jpg"] && data.newest[0].overlay == RawPath("/o/2.jpg"))
        #expect(data.slowest.map(\.name) == ["slow.jpg", "quick.jpg", "zero.jpg"])
        #expect(data.slowest[0].stages == [10, 0, 90, 0, 0])
    }

    @Test("a span leaves out what ended before and after") func scope() throws {
        try fill()
        let data = try report(.init(since: "2026-07-01T09", until: "2026-07-02T08:35"))
        #expect(data.summary.images == ["done": 3, "failed": 1])
        #expect(data.failures[0].reason == "It is text.")
        #expect(data.newest.map(\.name) == ["quick.jpg"])
    }

    @Test("a log without rows has nothing to report, and one of an older release says so") func nothing() throws {
        let data = try report()
        #expect(data.summary.total == 0 && data.timeline == nil && data.labels.isEmpty && data.drift.isEmpty)
        try log.change("DROP VIEW label_drift")
        let error = #expect(throws: Failure.self) { try report() }
        #expect(error?.message.contains("older release") == true)
    }
}
