import Core

/// What changed in the last week of the log.
struct DriftSection {
    let drift: [ReportData.Drift]

    var html: HTML {
        guard drift.contains(where: { $0.earlier > 0 && $0.recent > 0 }) else { return .empty }
        let shown = ReportData.Drift.quantities.indices.filter { column in
            drift.contains { $0.changes[column].earlier != nil || $0.changes[column].recent != nil }
        }
        let heading = shown.map { "<th scope=\"col\" class=\"number\">\(ReportData.Drift.quantities[$0])</th>" as HTML }
        let rows = drift.map { row -> HTML in
            """
            <tr><th scope="row"><bdi>\(row.label)</bdi></th><td class="number">\(Quantity.count(row.earlier))</td>\
            <td class="number">\(Quantity.count(row.recent))</td>\(shown.map { cell(row.changes[$0]) })</tr>
            """
        }
        return section(
            "drift", "Drift",
            """
            <div class="card wide"><p>The last 7 days of the log against the 28 days before. Below each pair of means,
            the difference in units of the earlier standard deviation: below 0.2 it is small, above 0.8 large.</p>
            <div class="scroll" role="region" aria-labelledby="drift" tabindex="0"><table><thead><tr>\
            <th scope="col">label</th><th scope="col" class="number">before</th>\
            <th scope="col" class="number">last 7 days</th>\(heading)</tr></thead>
            <tbody>\(rows.joined("\n"))</tbody></table></div></div>
            """)
    }

    private func cell(_ change: ReportData.Drift.Change) -> HTML {
        let difference: HTML =
            change.drift.map { drift in
                "<br><span class=\"\(abs(drift) >= 0.8 ? "large" : "small")\">\(Figure.signed(drift))</span>"
            } ?? .empty
        return "<td class=\"number\">\(Figure.text(change.earlier)) → \(Figure.text(change.recent))\(difference)</td>"
    }
}
