import Core
import Foundation

/// The report as one page of HTML that needs nothing else.
struct ReportPage {
    let title: String
    let log: String
    let made: Timestamp
    let scope: ReportData.Scope
    let data: ReportData
    /// One for each of `data.newest`.
    let thumbnails: [Result<Thumbnail, Failure>]
    /// Why there are no thumbnails at all.
    let withoutThumbnails: String?

    var html: String {
        let page: HTML = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="\
            default-src 'none'; img-src data:; style-src 'unsafe-inline'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(title)</title>
            <style>
            \(ReportStyle.css)
            </style>
            </head>
            <body>
            <header>
            <h1>\(title)</h1>
            <p>\(span)</p>
            </header>
            <main>
            \(content)
            </main>
            <footer>
            <p>Made \(Quantity.minute(made.text)) UTC by gradcam \(Version.current) from \(log). A class activation map
            is diagnostic evidence, not proof: it says which part of the picture moved this score in this network.</p>
            </footer>
            </body>
            </html>

            """
        return page.text
    }

    private var span: HTML {
        guard let first = data.summary.first, let last = data.summary.last else { return "No images\(limits)." }
        let models: HTML =
            data.summary.models.isEmpty ? .empty : ", explained by \(data.summary.models.joined(separator: ", "))"
        return "Images of \(Quantity.minute(first)) to \(Quantity.minute(last)) UTC\(models)."
    }

    private var limits: HTML {
        let since: HTML = scope.since.map { " since \($0)" } ?? .empty
        let until: HTML = scope.until.map { " before \($0)" } ?? .empty
        return "\(since)\(until)"
    }

    private var content: [HTML] {
        [
            SummarySection(summary: data.summary).html, TimelineSection(timeline: data.timeline).html,
            OverlaySection(
                newest: data.newest, explained: data.summary.images["done"] ?? 0, thumbnails: thumbnails,
                asked: scope.overlays, trouble: withoutThumbnails
            ).html,
            LabelSection(labels: data.labels, count: data.labelCount).html,
            FailureSection(failures: data.failures).html, SlowestSection(slowest: data.slowest).html,
            DriftSection(drift: data.drift).html,
        ]
    }
}
