import Foundation
import SystemPackage
import Testing

@testable import CLI
@testable import Core

@Suite("Report page") struct ReportPageTests {
    private func page(
        _ data: ReportData, _ thumbnails: [Result<Thumbnail, Failure>] = [], overlays: Int = 60, trouble: String? = nil
    ) -> String {
        ReportPage(
            title: "Signs & <wonders>", log: "/var/lib/log.db", made: Timestamp(milliseconds: 0),
            scope: .init(overlays: overlays), data: data, thumbnails: thumbnails, withoutThumbnails: trouble
        ).html
    }

    private static let hostile = "<img src=x onerror='alert(1)'>\" & </style>.jpg"

    private func hostileData() -> ReportData {
        var data = ReportData()
        data.summary.images = ["done": 2, "failed": 3]
        let name = Self.hostile
        data.newest = [
            .init(
                id: 1, time: "2026-07-01T08:00:00.000Z", name: name, label: name, score: 0.5, detections: 3,
                zeroCAM: true, overlay: RawPath("/o")),
            .init(
                id: 2, time: "2026-07-01T08:00:00.000Z", name: name, label: nil, score: nil, detections: 0,
                zeroCAM: false, overlay: RawPath("/o")),
        ]
        var scores = Histogram(range: 0...1, bins: 20)
        scores.add(3, inBin: 10)
        let none = ReportData.Distribution(histogram: Histogram(range: 0...1, bins: 20), mean: nil)
        data.labels = [
            .init(
                name: name, detections: 3, scores: .init(histogram: scores, mean: 0.5), maps: 3, zeroCAM: 1,
                heatMean: none, borderRatio: none, energyInBox: none,
                ninths: Array(repeating: 1 / 9, count: 9))
        ]
        data.labelCount = 40
        data.failures = [
            .init(
                code: name, count: 3, reason: name, remedy: name,
                examples: [.init(time: "2026-07-01T08:00:00.000Z", name: name)])
        ]
        data.slowest = [
            .init(
                id: 1, time: "2026-07-01T08:00:00.000Z", name: name, milliseconds: 40, stages: [1, 2, 30, 3, 4],
                width: 640, height: 480)
        ]
        data.drift = [
            .init(
                label: name, earlier: 40, recent: 20,
                changes: Array(repeating: .init(earlier: 0.5, recent: 0.75, drift: 1.25), count: 5))
        ]
        return data
    }

    @Test("no name, label or reason becomes markup, wherever it stands") func hostile() throws {
        let small = Thumbnail(width: 4, height: 3, jpeg: Data([0xFF, 0xD8]))
        let html = page(hostileData(), [.success(small), .failure(Failure(.damagedImage, Self.hostile))])
        #expect(!html.contains("<img src=x") && !html.contains("<wonders>"))
        #expect(html.components(separatedBy: "</style>").count == 2)
        let escaped = "&lt;img src=x onerror=&#39;alert(1)&#39;&gt;&quot; &amp; &lt;/style&gt;.jpg"
        // Alternative text (name and label), captions, labels, plots, failures, times and drift.
        #expect(html.components(separatedBy: escaped).count > 14)
        #expect(html.contains(#"<img src="data:image/jpeg;base64,/9g=" width="4" height="3" alt="Overlay of "#))
        #expect(html.contains("Signs &amp; &lt;wonders&gt;"))
    }

    @Test("it fetches nothing: no address of anything, and a policy that would forbid it") func selfContained() throws {
        let html = page(hostileData())
        #expect(!html.contains("//") && !html.contains("url(") && !html.contains("@import"))
        #expect(!html.contains("<script") && !html.contains("<link") && !html.contains("<iframe"))
        #expect(html.contains("content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\""))
        #expect(html.contains(#"<meta name="viewport" content="width=device-width, initial-scale=1">"#))
        #expect(html.contains("prefers-color-scheme: dark"))
    }

    @Test("numbers stand where people look for them") func numbers() throws {
        let html = page(hostileData())
        #expect(html.contains("<b>5</b> images") && html.contains("<b>3</b> failed"))
        #expect(
            html.contains("The 1 most frequent of 40 labels.") && html.contains("1 of 3 maps have no positive value"))
        #expect(html.contains("<td class=\"number\">0.5 → 0.75<br><span class=\"large\">+1.2</span></td>"))
        #expect(html.contains(">11 %</text>") && html.contains("50 % +2"))
        #expect(html.contains("640 × 480") && html.contains("title>forward: 30 ms<"))
    }

    @Test("a log without images, one without overlays, and one without a worker are said in words") func absent() {
        let empty = page(ReportData())
        #expect(empty.contains("No images.") && empty.contains("<b>0</b> images") && !empty.contains("id=\"overlays\""))
        var data = hostileData()
        #expect(
            page(data, trouble: "gradcam-worker is <missing>").contains("no thumbnails: gradcam-worker is &lt;missing"))
        let gone = Result<Thumbnail, Failure>.failure(Failure(.unreadable, "/o cannot be opened."))
        #expect(page(data, [gone, gone]).contains("None of the 2 newest overlays can be read"))
        #expect(!page(data, overlays: 0).contains("id=\"overlays\""))
        data.newest = []
        #expect(page(data).contains("retention removed them"))
    }
}
