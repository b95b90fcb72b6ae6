/// The objects that a detector finds, best first: candidates, and of those that overlap only the best.
/// - Parameters:
///   - output: of one image, `layout.rows * layout.attributes` values.
///   - classes: what may be taken; `nil` for all.
package func detections(
    in output: [Float], layout: DetectorLayout, settings: DetectionSettings, allowing classes: Set<Int>? = nil
) -> [DetectedBox] {
    let candidates = candidates(in: output, layout: layout, settings: settings, allowing: classes)
    if layout.family == .endToEnd {
        return Array(bestFirst(candidates).prefix(max(settings.maxDetections, 0)))
    }
    return nonMaximumSuppression(
        of: candidates, iou: settings.iou(for: layout.family), maxDetections: settings.maxDetections)
}

/// Greedy: the best box stays, and what overlaps it and has its class goes; then the next best.
///
/// This is what YOLOv5 and Ultralytics call: `torchvision.ops.nms`, in its arithmetic, on boxes that are shifted by
/// 7680 pixels for each class so that different classes do not meet. The shift costs digits: edges of class 79 become
/// multiples of 1/16 pixel. It is repeated here, for people expect the boxes that the other tools show them.
/// - Parameters:
///   - candidates: at most 30,000 of them, the best, are looked at, as in the reference implementations.
///   - threshold: intersection over union; what is above it goes.
/// - Returns: best first; equally good ones in the order of `candidates`.
package func nonMaximumSuppression(
    of candidates: [DetectedBox], iou threshold: Double, maxDetections: Int
) -> [DetectedBox] {
    var kept: [DetectedBox] = []
    var keptEdges: [Int: [Edges]] = [:]
    for candidate in bestFirst(candidates).prefix(30_000) {
        if kept.count >= maxDetections { break }
        let edges = Edges(candidate)
        // Compared in double precision, as torchvision does.
        let isDropped = keptEdges[candidate.classIndex, default: []].contains { better in
            Double(edges.iou(with: better)) > threshold
        }
        if isDropped { continue }
        kept.append(candidate)
        keptEdges[candidate.classIndex, default: []].append(edges)
    }
    return kept
}

/// By score, descending. Swift's sort does not promise to keep the order of equals; the position does.
private func bestFirst(_ boxes: [DetectedBox]) -> [DetectedBox] {
    boxes.indices
        .sorted { first, second in
            let (p, q) = (boxes[first].score, boxes[second].score)
            return p == q ? first < second : p > q
        }
        .map { boxes[$0] }
}

/// A shifted box in single precision: thresholds are met or missed as in the reference implementations.
private struct Edges {
    let left: Float
    let top: Float
    let right: Float
    let bottom: Float
    let area: Float

    init(_ detected: DetectedBox) {
        let shift = Float(detected.classIndex) * 7680
        left = Float(detected.box.left) + shift
        top = Float(detected.box.top) + shift
        right = Float(detected.box.right) + shift
        bottom = Float(detected.box.bottom) + shift
        area = (right - left) * (bottom - top)
    }

    /// Not a number for two boxes without area, which therefore both stay.
    func iou(with other: Edges) -> Float {
        let width = max(min(right, other.right) - max(left, other.left), 0)
        let height = max(min(bottom, other.bottom) - max(top, other.top), 0)
        let intersection = width * height
        return intersection / (area + other.area - intersection)
    }
}
