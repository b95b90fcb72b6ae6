import Core
import Foundation
import Testing

/// What `Fixtures/make_nms.py` wrote: detectors' outputs, and what torch and torchvision make of them.
struct DetectorOutputs: Decodable {
    struct Output: Decodable, CustomTestStringConvertible {
        var name: String
        var family: DetectorFamily
        var shape: [Int]
        var confidence: Double
        var iou: Double
        var maxDetections: Int
        var allowed: Set<Int>?
        var output: [Float]
        var detections: [Detection]

        var testDescription: String { name }
    }

    struct Detection: Decodable, Equatable {
        var row: Int
        var `class`: Int
        var score: Float
        var box: [Float]
    }

    /// Boxes of high classes, about which the shift by the class decides.
    struct Shifted: Decodable {
        var iou: Double
        var boxes: [[Double]]
        var scores: [Float]
        var classes: [Int]
        var kept: [Int]
    }

    var outputs: [Output]
    var shifted: Shifted

    static func read() throws -> DetectorOutputs {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/nms.json")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(DetectorOutputs.self, from: try Data(contentsOf: file))
    }
}
