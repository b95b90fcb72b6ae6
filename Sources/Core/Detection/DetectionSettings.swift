/// Which boxes of a detector count, and what of them is explained.
package struct DetectionSettings: Codable, Equatable, Sendable {
    /// Boxes with a higher score count. 0...1.
    package var confidence: Double = 0.25
    /// Of boxes of a class that overlap more than this (intersection over union, 0...1) only the best counts.
    /// `nil`: what the exporter's own `predict` takes.
    package var iou: Double?
    /// For each image, best first.
    package var maxDetections: Int = 300
    /// Labels, or indices. Empty: all.
    package var classes: [String] = []
    /// How many boxes of each image get a map, best first.
    package var explained: Int = 16
    package var target: DetectionTarget = .score

    package init() {}

    /// What `maxDetections` may be: an answer of a worker is one line, and no person looks at more.
    package static let detectionLimit = 1000

    /// The overlap above which boxes are dropped: 0.45 in YOLOv5's detect.py, 0.7 in Ultralytics' predict.
    package func iou(for family: DetectorFamily) -> Double { iou ?? (family == .yolov5 ? 0.45 : 0.7) }

    /// The indices of `classes`, `nil` where all count. A label, in upper or lower case, goes before an index that
    /// reads the same; a label that several classes have stands for all of them.
    /// - Parameter count: how many classes the network has, named or not; `nil` where that is not known.
    package func allowedClasses(labels: [String], count: Int?) throws(UnknownClassError) -> Set<Int>? {
        if classes.isEmpty { return nil }
        var allowed: Set<Int> = []
        for name in classes {
            let labelled = labels.indices.filter { labels[$0].lowercased() == name.lowercased() }
            if !labelled.isEmpty {
                allowed.formUnion(labelled)
            } else if let index = Int(name), index >= 0, index < count ?? .max {
                allowed.insert(index)
            } else {
                throw UnknownClassError(name: name, labels: labels)
            }
        }
        return allowed
    }

    private enum CodingKeys: String, CodingKey {
        case confidence, iou, classes, explained, target
        case maxDetections = "max_detections"
    }

    /// Keys that are missing keep their defaults, so that a request written by hand stays short.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        confidence = try container.decodeIfPresent(Double.self, forKey: .confidence) ?? confidence
        iou = try container.decodeIfPresent(Double.self, forKey: .iou)
        maxDetections = try container.decodeIfPresent(Int.self, forKey: .maxDetections) ?? maxDetections
        classes = try container.decodeIfPresent([String].self, forKey: .classes) ?? classes
        explained = try container.decodeIfPresent(Int.self, forKey: .explained) ?? explained
        target = try container.decodeIfPresent(DetectionTarget.self, forKey: .target) ?? target
    }
}

/// A class that the network does not have.
package struct UnknownClassError: Error, Equatable, Sendable {
    package let name: String
    package let labels: [String]

    package var message: String { "The model has no class \"\(name)\"." }

    package var remedy: String {
        if labels.isEmpty { return "Its classes have no names: write an index, counted from 0." }
        let shown = labels.prefix(20).joined(separator: ", ")
        return "It has: \(shown)" + (labels.count > 20 ? ", and \(labels.count - 20) more." : ".")
    }
}
