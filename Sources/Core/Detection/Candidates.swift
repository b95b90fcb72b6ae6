/// The boxes that a detector is sure enough of, in the order of the output: its best class for each row, as
/// `non_max_suppression` of YOLOv5 and Ultralytics takes them.
///
/// A score must be above the threshold, not equal to it; in YOLOv5, objectness for itself, too. Rows with values that
/// are infinite or not a number are left out.
/// - Parameters:
///   - output: of one image, `layout.rows * layout.attributes` values.
///   - classes: what may be taken; `nil` for all. A row whose best class is not among them is left out, even where its
///     second best is.
package func candidates(
    in output: [Float], layout: DetectorLayout, settings: DetectionSettings, allowing classes: Set<Int>? = nil
) -> [DetectedBox] {
    precondition(output.count == layout.rows * layout.attributes, "the output of one image")
    // Rounded to single precision as torch does when it compares a tensor with a number.
    let threshold = Float(settings.confidence)
    let best = bestClasses(in: output, layout: layout, threshold: threshold)
    var candidates: [DetectedBox] = []
    for row in 0..<layout.rows where best.scores[row] > threshold {
        let classIndex = best.indices[row]
        guard classes?.contains(classIndex) ?? true else { continue }
        let values = RowValues(output: output, layout: layout, row: row)
        if let box = DetectedBox(values, class: classIndex) { candidates.append(box) }
    }
    return candidates
}

/// For each row the class that comes out highest, the first of several, and its score: -infinity where the row is
/// below the threshold anyway.
private struct BestClasses {
    var scores: [Float]
    var indices: [Int]

    init(rows: Int) {
        scores = Array(repeating: -.infinity, count: rows)
        indices = Array(repeating: 0, count: rows)
    }
}

private func bestClasses(in output: [Float], layout: DetectorLayout, threshold: Float) -> BestClasses {
    var best = BestClasses(rows: layout.rows)
    switch (layout.family, layout.isRowMajor) {
    case (.endToEnd, _):
        for row in 0..<layout.rows {
            let values = RowValues(output: output, layout: layout, row: row)
            best.scores[row] = values[4]
            best.indices[row] = values.classIndex ?? -1
        }
    case (_, true):
        // A row after the other; most end at their objectness.
        for row in 0..<layout.rows {
            let objectness = layout.objectnessElement(row: row).map { output[$0] }
            if let objectness, !(objectness > threshold) { continue }
            let start = layout.classElement(row: row, class: 0)
            var (highest, index) = (-Float.infinity, 0)
            for classIndex in 0..<layout.classes {
                let score = output[start + classIndex] * (objectness ?? 1)
                if score > highest { (highest, index) = (score, classIndex) }
            }
            best.scores[row] = highest
            best.indices[row] = index
        }
    case (_, false):
        // A class after the other, so that memory is read in its order.
        let objectness = layout.objectnessElement(row: 0).map { output[$0..<($0 + layout.rows)] }
        for classIndex in 0..<layout.classes {
            let start = layout.classElement(row: 0, class: classIndex)
            for row in 0..<layout.rows {
                var score = output[start + row]
                if let objectness { score *= objectness[objectness.startIndex + row] }
                if score > best.scores[row] {
                    best.scores[row] = score
                    best.indices[row] = classIndex
                }
            }
        }
        if let objectness {
            for (row, value) in objectness.enumerated() where !(value > threshold) { best.scores[row] = -.infinity }
        }
    }
    return best
}
