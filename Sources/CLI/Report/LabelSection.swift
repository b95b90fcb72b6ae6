import Core

/// How sure the network is of each label, and where its heat lies.
struct LabelSection {
    let labels: [ReportData.Label]
    /// In all.
    let count: Int

    private static let explanation: HTML = """
        <details><summary>What the plots say</summary><p>Each bar counts detections of the label. <code>heat_mean</code>
        is the mean of a map whose hottest cell is 1: small where the heat is concentrated. <code>border_ratio</code> is
        the share of heat in the outer ring of 5 %, by that ring's share of the area: far above 1, the network looks at
        markers and edges. <code>energy_in_box</code> is the share of heat in the object's own box. The 3 by 3 parts are
        the mean shares of heat in the whole picture.</p></details>
        """

    var html: HTML {
        guard !labels.isEmpty else { return .empty }
        let rest: HTML =
            count > labels.count
            ? "<p>The \(labels.count) most frequent of \(Quantity.count(count)) labels.</p>" : .empty
        return section(
            "labels", "Labels", "\(rest)\(Self.explanation)<div class=\"cards\">\(labels.map(card).joined("\n"))</div>")
    }

    private func card(_ label: ReportData.Label) -> HTML {
        let zero: HTML =
            label.zeroCAM > 0
            ? """
            <p class="zero">\(Quantity.count(label.zeroCAM)) of \(Quantity.count(label.maps)) maps have no positive \
            value.</p>
            """
            : .empty
        let detections = Quantity.count(label.detections, "detection")
        return """
            <article class="card">
            <h3><bdi>\(label.name)</bdi> <span class="count">\(detections)</span></h3>
            \(plot("score", label.scores, of: label))
            \(heat(label))
            \(zero)
            </article>
            """
    }

    private func heat(_ label: ReportData.Label) -> HTML {
        guard !label.ninths.isEmpty else { return .empty }
        let box: HTML =
            label.energyInBox.mean == nil ? .empty : plot("energy_in_box", label.energyInBox, of: label)
        return """
            <div class="heat">
            <figure>\(Plot.ninths(label.ninths, label: "Where the heat of \(label.name) lies, in 3 by 3 parts"))\
            <figcaption>where the heat lies</figcaption></figure>
            <div>\(plot("heat_mean", label.heatMean, of: label))\(plot("border_ratio", label.borderRatio, of: label))\
            \(box)</div>
            </div>
            """
    }

    private func plot(_ name: String, _ distribution: ReportData.Distribution, of label: ReportData.Label) -> HTML {
        let range = distribution.histogram.range
        let isOpen = name == "border_ratio" && range.upperBound >= 8
        let description =
            "\(name) of \(label.name): \(Quantity.count(distribution.histogram.total, "value")), "
            + "mean \(Figure.text(distribution.mean))"
        return """
            <figure>\(Plot.histogram(distribution.histogram, label: description))\
            <figcaption class="scale"><span>\(Figure.text(range.lowerBound))</span>\
            <span>\(name), mean \(Figure.text(distribution.mean))</span>\
            <span>\(Figure.text(range.upperBound))\(isOpen ? "+" : "")</span></figcaption></figure>
            """
    }
}
