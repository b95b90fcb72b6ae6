import Core
import Foundation

/// What `Fixtures/make_exporters.py` wrote: a detector's output, and what the exporters' own packages keep of it.
struct ExporterDetections: Decodable {
    struct Expected: Decodable {
        var confidence: Double
        var iou: Double
        var maxDetections: Int
        var classes: [Int]?
        /// Best first.
        var rows: [Int]
        var labels: [Int]
        var scores: [Float]
    }

    var shape: [Int]
    var output: [Float]
    var expected: [Expected]

    static func read(_ family: DetectorFamily) throws -> ExporterDetections {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/exporters_\(family.rawValue).json")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(ExporterDetections.self, from: try Data(contentsOf: file))
    }
}

extension DetectorFamily {
    static let yolos: [DetectorFamily] = [.yolov5, .yolov8]
}
