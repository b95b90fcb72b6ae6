import Core
import Foundation
import Testing

@Suite("DetectionSettings") struct DetectionSettingsTests {
    private func decoded(_ json: String) throws -> DetectionSettings {
        try JSONDecoder().decode(DetectionSettings.self, from: Data(json.utf8))
    }

    @Test("every key has a default") func defaults() throws {
        let settings = try decoded("{}")
        #expect(settings == DetectionSettings())
        #expect(settings.confidence == 0.25 && settings.maxDetections == 300 && settings.explained == 16)
        #expect(settings.iou == nil && settings.classes.isEmpty && settings.target == .score)
    }

    @Test("keys are those of the settings") func keys() throws {
        let settings = try decoded(
            """
            {"confidence": 0.5, "iou": 0.6, "max_detections": 7, "classes": ["stop", "3"], "explained": 2,
             "target": "class"}
            """)
        #expect(settings.confidence == 0.5 && settings.iou == 0.6 && settings.maxDetections == 7)
        #expect(settings.classes == ["stop", "3"] && settings.explained == 2 && settings.target == .classScore)
        #expect(try JSONDecoder().decode(DetectionSettings.self, from: try JSONEncoder().encode(settings)) == settings)
        #expect(throws: DecodingError.self) { try decoded(#"{"target": "box"}"#) }
    }

    @Test("the overlap is that of each exporter's own predict, unless it is set") func overlap() {
        var settings = DetectionSettings()
        #expect(settings.iou(for: .yolov5) == 0.45 && settings.iou(for: .yolov8) == 0.7)
        settings.iou = 0.3
        #expect(settings.iou(for: .yolov5) == 0.3 && settings.iou(for: .yolov8) == 0.3)
    }

    @Test("classes are labels or indices; labels go first") func classes() throws {
        var settings = DetectionSettings()
        #expect(try settings.allowedClasses(labels: ["a", "b"], count: 2) == nil)
        settings.classes = ["B", "0"]
        #expect(try settings.allowedClasses(labels: ["a", "b"], count: 2) == [0, 1])
        settings.classes = ["1"]
        #expect(try settings.allowedClasses(labels: ["1", "0"], count: 2) == [0])
        settings.classes = ["same"]
        #expect(try settings.allowedClasses(labels: ["same", "b", "same"], count: 3) == [0, 2])
        settings.classes = ["5"]
        #expect(try settings.allowedClasses(labels: [], count: nil) == [5])
    }

    @Test("a class that the network does not have is named", arguments: ["cat", "2", "-1"])
    func unknownClass(name: String) throws {
        var settings = DetectionSettings()
        settings.classes = ["a", name]
        let error = try #require(throws: UnknownClassError.self) {
            try settings.allowedClasses(labels: ["a", "b"], count: 2)
        }
        #expect(error.message.contains(name) && error.remedy.contains("a, b"))
    }
}
