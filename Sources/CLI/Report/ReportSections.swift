import Core

/// A part of the page under a heading.
func section(_ identifier: String, _ heading: String, _ content: HTML) -> HTML {
    """
    <section aria-labelledby="\(identifier)">
    <h2 id="\(identifier)">\(heading)</h2>
    \(content)
    </section>

    """
}

/// The numbers that one asks first.
struct SummarySection {
    let summary: ReportData.Summary

    var html: HTML {
        let open = (summary.images["claimed"] ?? 0) + (summary.images["waiting"] ?? 0)
        var numbers: [(String, String)] = [
            ("images", Quantity.count(summary.total)), ("explained", Quantity.count(summary.images["done"] ?? 0)),
            ("failed", Quantity.count(summary.images["failed"] ?? 0)),
            ("detections", Quantity.count(summary.detections)),
        ]
        if open > 0 { numbers.append(("not finished", Quantity.count(open))) }
        if let vanished = summary.images["vanished"] { numbers.append(("vanished", Quantity.count(vanished))) }
        if summary.duplicates > 0 { numbers.append(("duplicates", Quantity.count(summary.duplicates))) }
        if summary.zeroCAM > 0 { numbers.append(("without positive evidence", Quantity.count(summary.zeroCAM))) }
        if let mean = summary.meanMilliseconds { numbers.append(("mean time of an image", Figure.milliseconds(mean))) }
        let tiles = numbers.map { name, number -> HTML in "<li><b>\(number)</b> \(name)</li>" }
        return section("numbers", "In numbers", "<ul class=\"tiles\">\(tiles)</ul>")
    }
}

/// How many images ended when.
struct TimelineSection {
    let timeline: ReportData.Timeline?

    var html: HTML {
        guard let timeline, let first = timeline.bars.first, let last = timeline.bars.last,
            timeline.bars.contains(where: { $0.done + $0.failed > 0 })
        else { return .empty }
        let most = timeline.bars.map { $0.done + $0.failed }.max() ?? 0
        let digits = timeline.unit.rawValue < TimeUnit.day.rawValue ? 16 : 10
        let ends = [first, last].map { String(Quantity.minute($0.start.text).prefix(digits)) }
        return section(
            "time", "Images by \(timeline.unit.name)",
            """
            <figure class="card wide">
            <div class="key"><span class="swatch done">explained</span> <span class="swatch failed">failed</span> \
            <span class="most">most: \(Quantity.count(most))</span></div>
            \(Plot.timeline(timeline))
            <figcaption class="scale"><span>\(ends[0])</span><span>\(timeline.bars.count > 1 ? ends[1] : "")</span>\
            </figcaption>
            </figure>
            """)
    }
}

/// Why images failed, and what helps.
struct FailureSection {
    let failures: [ReportData.FailureKind]

    var html: HTML {
        guard !failures.isEmpty else { return .empty }
        let cards = failures.map { failure -> HTML in
            let remedy: HTML = failure.remedy.isEmpty ? .empty : "<p class=\"remedy\">\(failure.remedy)</p>"
            let examples = failure.examples.map { example -> HTML in
                "<li><time>\(Quantity.minute(example.time))</time> <bdi>\(example.name)</bdi></li>"
            }
            let rest = failure.count - failure.examples.count
            let more: HTML = rest > 0 ? "<li>and \(Quantity.count(rest)) more</li>" : .empty
            return """
                <article class="card">
                <h3><code>\(failure.code)</code> \
                <span class="count">\(Quantity.count(failure.count, "image"))</span></h3>
                <p>\(failure.reason)</p>
                \(remedy)
                <details><summary>The newest</summary><ul>\(examples)\(more)</ul></details>
                </article>
                """
        }
        return section("failures", "Failures", "<div class=\"cards\">\(cards.joined("\n"))</div>")
    }
}

/// The images that took the longest, and at which stage.
struct SlowestSection {
    let slowest: [ReportData.Slow]

    var html: HTML {
        guard let most = slowest.map(\.milliseconds).max(), most > 0 else { return .empty }
        let rows = slowest.map { slow -> HTML in
            """
            <tr><td class="name"><bdi>\(slow.name)</bdi></td>\
            <td class="number">\(Figure.milliseconds(slow.milliseconds))</td>\
            <td class="bars">\(Plot.stages(Array(zip(ReportData.Slow.stageNames, slow.stages)), share: slow.milliseconds / most))</td>\
            <td class="number optional">\(slow.width) × \(slow.height)</td>\
            <td class="optional">\(Quantity.minute(slow.time))</td></tr>
            """
        }
        let key = ReportData.Slow.stageNames.enumerated().map { index, name -> HTML in
            "<span class=\"swatch stage\(index)\">\(name)</span> "
        }
        return section(
            "slowest", "The slowest images",
            """
            <div class="card wide"><div class="key">\(key)</div>
            <table><thead><tr><th scope="col">image</th><th scope="col" class="number">time</th>\
            <th scope="col">stages</th><th scope="col" class="number optional">pixels</th>\
            <th scope="col" class="optional">ended (UTC)</th></tr></thead>
            <tbody>\(rows.joined("\n"))</tbody></table></div>
            """)
    }
}
