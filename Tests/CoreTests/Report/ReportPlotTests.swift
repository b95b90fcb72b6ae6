import Foundation
import Testing

@testable import CLI
@testable import Core

@Suite("Plots of a report") struct ReportPlotTests {
    @Test("a histogram counts what lies outside to its ends") func histogram() {
        var histogram = Histogram(range: 0...4, bins: 20)
        histogram.add(2, inBin: 3)
        histogram.add(1, inBin: 25)
        histogram.add(1, inBin: -1)
        #expect(histogram.total == 4)
        #expect(histogram.counts[3] == 2 && histogram.counts[19] == 1 && histogram.counts[0] == 1)
        #expect(near(histogram.bounds(ofBin: 3).lower, 0.6) && near(histogram.bounds(ofBin: 3).upper, 0.8))
    }

    @Test(
        "bars are minutes to years, at most 120 of them",
        arguments: [
            ("2026-07-01T08:00:00", "2026-07-01T08:00:00", "minute"),
            ("2026-07-01T08:00:00", "2026-07-01T10:00:00", "ten minutes"),
            ("2026-07-01T08:00:00", "2026-07-05T08:00:00", "hour"),
            ("2026-07-01T08:00:00", "2026-10-01T08:00:00", "day"),
            ("2026-01-01T08:00:00", "2027-06-01T08:00:00", "week"),
            ("2019-01-01T08:00:00", "2026-06-01T08:00:00", "four weeks"),
            ("2000-01-01T08:00:00", "2026-06-01T08:00:00", "52 weeks"),
        ])
    func units(first: String, last: String, name: String) throws {
        let (first, last) = try (#require(Timestamp(first)), #require(Timestamp(last)))
        let unit = TimeUnit(from: first, to: last)
        #expect(unit.name == name)
        #expect(unit.start(ofBar: unit.bar(of: last)) <= last && last < unit.start(ofBar: unit.bar(of: last) + 1))
        #expect(unit.bar(of: last) - unit.bar(of: first) <= 120)
    }

    @Test("weeks begin on Mondays, hours and days where clocks have them") func beginnings() throws {
        // 2026-07-01 is a Wednesday.
        let moment = try #require(Timestamp("2026-07-01T08:34:56"))
        func start(_ unit: TimeUnit) -> String { unit.start(ofBar: unit.bar(of: moment)).text }
        #expect(start(.week) == "2026-06-29T00:00:00.000Z")
        #expect(start(.day) == "2026-07-01T00:00:00.000Z")
        #expect(start(.hour) == "2026-07-01T08:00:00.000Z")
        #expect(TimeUnit.hour.bar(of: Timestamp(milliseconds: -1)) == -1)
    }

    @Test("bars are as high as their counts, failed ones on top of the others") func timeline() throws {
        let start = try #require(Timestamp("2026-07-01T08:00:00"))
        let timeline = ReportData.Timeline(
            unit: .hour,
            bars: [
                .init(start: start, done: 3, failed: 1), .init(start: start), .init(start: start, done: 2, failed: 0),
            ])
        let plot = Plot.timeline(timeline).text
        // 60 is the plot's height: 4 images, 3 of them done; then 2.
        #expect(plot.contains(#"<rect class="done" x="1" y="15" width="8" height="45"/>"#))
        #expect(plot.contains(#"<rect class="failed" x="1" y="0" width="8" height="15"/>"#))
        #expect(plot.contains(#"<rect class="done" x="21" y="30" width="8" height="30"/>"#))
        #expect(plot.components(separatedBy: "<rect").count == 4)
        #expect(plot.contains("<title>2026-07-01 08:00 UTC: 3 explained, 1 failed</title>"))
        #expect(plot.contains(#"aria-label="6 images by hour, at most 4""#) && plot.contains(#"viewBox="0 0 30 60""#))
    }

    @Test("a histogram's highest bar fills the plot; one value among thousands is seen") func bars() {
        var histogram = Histogram(range: 0...1, bins: 4)
        histogram.add(1000, inBin: 1)
        histogram.add(500, inBin: 2)
        histogram.add(1, inBin: 3)
        let plot = Plot.histogram(histogram, label: "scores").text
        #expect(plot.contains(#"x="11" y="0" width="8" height="60"/>"#))
        #expect(plot.contains(#"x="21" y="30" width="8" height="30"/>"#))
        #expect(plot.contains(#"x="31" y="58.5" width="8" height="1.5"/>"#))
        #expect(plot.contains("<title>0.25 to 0.5: 1,000</title>") && !plot.contains("0 to 0.25"))
        #expect(!Plot.histogram(Histogram(range: 0...1, bins: 4), label: "none").text.contains("<rect"))
    }

    @Test("parts of heat are the darker the more they hold; parts of time add up") func shares() {
        let ninths = Plot.ninths([0.5, 0.25, 0.25, 0, 0, 0, 0, 0, 0], label: "heat").text
        #expect(ninths.contains(#"x="0" y="0" width="31" height="31" fill-opacity="0.7"/>"#))
        #expect(ninths.contains(#"x="32" y="0" width="31" height="31" fill-opacity="0.37"/>"#))
        #expect(ninths.contains(">50 %</text>") && ninths.contains(#"aria-label="heat: 50 %, 25 %, 25 %, 0 %"#))
        #expect(Plot.ninths([], label: "none").text.isEmpty)
        #expect(Plot.ninths([0, 0, 0, 0, 0, 0, 0, 0, 0], label: "none").text.isEmpty)
        let stages = Plot.stages([("decode", 10), ("forward", 30)], share: 0.5).text
        #expect(stages.contains(#"x="0" y="0" width="12.5" height="10""#))
        #expect(stages.contains(#"x="12.5" y="0" width="37.5" height="10"><title>forward: 30 ms</title>"#))
    }

    @Test("numbers are as short as they are") func figures() {
        #expect([0.5, 2, 0.333, -0.001, .infinity].map { Figure.number($0) } == ["0.5", "2", "0.33", "0", "0"])
        #expect([0.35, 0.0042, 2, 0].map { Figure.text($0) } == ["0.35", "0.004", "2", "0"])
        #expect(Figure.text(nil) == "–" && Figure.percent(0.126) == "13 %")
        #expect([0.25, 31.4, 2400].map { Figure.milliseconds($0) } == ["0.2 ms", "31 ms", "2.4 s"])
        #expect([0.84, -1.26, -0.04].map { Figure.signed($0) } == ["+0.8", "−1.3", "0.0"])
    }

    @Test("what is put into markup as text stays text") func escaped() {
        let name = "<b>'\"&amp;\u{202E}\n\u{0}\u{FFFF}"
        let html: HTML = "<p title=\"\(name)\">\(name)</p>"
        let text = "&lt;b&gt;&#39;&quot;&amp;amp;" + String(repeating: "\u{FFFD}", count: 4)
        #expect(html.text == "<p title=\"\(text)\">\(text)</p>")
    }
}
