import Core

/// Small plots as SVG. They are as wide as their place: so bars are stretched, and what is written stands beside them
/// as HTML. Who cannot see a plot hears its label.
enum Plot {
    static let height = 60.0

    /// One bar for each pair, the failed ones on top of the done ones.
    static func timeline(_ timeline: ReportData.Timeline) -> HTML {
        let most = Double(timeline.bars.map { $0.done + $0.failed }.max() ?? 0)
        let bars = timeline.bars.enumerated().map { index, bar -> HTML in
            guard bar.done + bar.failed > 0 else { return .empty }
            let (done, failed) = (height * Double(bar.done) / most, height * Double(bar.failed) / most)
            let failures = bar.failed > 0 ? ", \(Quantity.count(bar.failed)) failed" : ""
            let title = "\(Quantity.minute(bar.start.text)) UTC: \(Quantity.count(bar.done)) explained\(failures)"
            return """
                <g><title>\(title)</title>\(rectangle(x: index, top: height - done, height: done, "done"))\
                \(rectangle(x: index, top: height - done - failed, height: failed, "failed"))</g>
                """
        }
        let total = timeline.bars.reduce(0) { $0 + $1.done + $1.failed }
        return svg(
            bars, bars: timeline.bars.count,
            label: "\(Quantity.count(total, "image")) by \(timeline.unit.name), at most \(Quantity.count(Int(most)))")
    }

    /// - Parameter label: what is counted, for those who cannot see it.
    static func histogram(_ histogram: Histogram, label: String) -> HTML {
        let most = Double(histogram.counts.max() ?? 0)
        let bars = histogram.counts.enumerated().map { bin, count -> HTML in
            guard count > 0 else { return .empty }
            let bounds = histogram.bounds(ofBin: bin)
            let title = "\(Figure.text(bounds.lower)) to \(Figure.text(bounds.upper)): \(Quantity.count(count))"
            // A single value among thousands must be seen, too.
            let length = max(1.5, height * Double(count) / most)
            return "<g><title>\(title)</title>\(rectangle(x: bin, top: height - length, height: length, "bar"))</g>"
        }
        return svg(bars, bars: histogram.counts.count, label: label)
    }

    /// Shares of heat in 3 x 3 parts: the darker, the more.
    static func ninths(_ shares: [Double], label: String) -> HTML {
        guard shares.count == 9, let most = shares.max(), most > 0 else { return .empty }
        let cells = shares.enumerated().map { index, share -> HTML in
            let (x, y) = (index % 3 * 32, index / 3 * 32)
            return """
                <rect class="cell" x="\(x)" y="\(y)" width="31" height="31" \
                fill-opacity="\(Figure.number(0.04 + 0.66 * share / most))"/>\
                <text x="\(Figure.number(Double(x) + 15.5))" y="\(y + 20)">\(Figure.percent(share))</text>
                """
        }
        return """
            <svg class="ninths" viewBox="0 0 95 95" role="img" aria-label="\(label): \
            \(shares.map(Figure.percent).joined(separator: ", "))">\(cells)</svg>
            """
    }

    /// The parts of one whole, side by side; the whole is `share` of the width.
    static func stages(_ parts: [(name: String, value: Double)], share: Double) -> HTML {
        let total = parts.reduce(0) { $0 + $1.value }
        guard total > 0 else { return .empty }
        var left = 0.0
        let pieces = parts.enumerated().map { index, part -> HTML in
            let width = 100 * share * part.value / total
            defer { left += width }
            return """
                <rect class="stage\(index)" x="\(Figure.number(left))" y="0" width="\(Figure.number(width))" \
                height="10"><title>\(part.name): \(Figure.milliseconds(part.value))</title></rect>
                """
        }
        let label = parts.map { "\($0.name) \(Figure.milliseconds($0.value))" }.joined(separator: ", ")
        return """
            <svg class="stages" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" \
            aria-label="\(label)">\(pieces)</svg>
            """
    }

    private static func rectangle(x: Int, top: Double, height: Double, _ kind: String) -> HTML {
        guard height > 0 else { return .empty }
        return """
            <rect class="\(kind)" x="\(Figure.number(Double(x) * 10 + 1))" y="\(Figure.number(top))" width="8" \
            height="\(Figure.number(height))"/>
            """
    }

    private static func svg(_ content: [HTML], bars: Int, label: String) -> HTML {
        """
        <svg class="plot" viewBox="0 0 \(bars * 10) \(Int(height))" preserveAspectRatio="none" role="img" \
        aria-label="\(label)">\(content)</svg>
        """
    }
}
