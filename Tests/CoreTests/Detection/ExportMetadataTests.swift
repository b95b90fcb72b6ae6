import Core
import Testing

@Suite("ExportMetadata") struct ExportMetadataTests {
    @Test("Ultralytics 8.4") func ultralytics() throws {
        let metadata = try ExportMetadata(
            parsing: """
                {"description": "Ultralytics YOLO26n model ", "author": "Ultralytics", "date": "2026-11-25T02:27:36",
                 "version": "8.4.190", "license": "AGPL-3.0 License", "docs": "https://docs.ultralytics.com",
                 "stride": 32, "task": "detect", "head": "Detect", "batch": 1, "imgsz": [384, 640],
                 "names": {"0": "person", "10": "hydrant", "2": "car", "1": "bicycle"},
                 "args": {"batch": 1, "quantize": null, "nms": false, "dynamic": true}, "channels": 3,
                 "end2end": true}
                """)
        var expected = ExportMetadata()
        expected.names = ["person", "bicycle", "car"] + (3..<10).map { "class \($0)" } + ["hydrant"]
        (expected.inputWidth, expected.inputHeight) = (640, 384)
        (expected.stride, expected.channels) = (32, 3)
        expected.task = .detect
        (expected.isEndToEnd, expected.isDynamic, expected.includesNMS) = (true, true, false)
        #expect(metadata == expected)
    }

    @Test("YOLOv5 says shape, stride and names only") func yolov5() throws {
        let metadata = try ExportMetadata(
            parsing: #"{"shape": [1, 3, 320, 640], "stride": 32, "names": {"0": "person", "1": "bicycle"}}"#)
        var expected = ExportMetadata()
        expected.names = ["person", "bicycle"]
        (expected.inputWidth, expected.inputHeight) = (640, 320)
        (expected.stride, expected.channels) = (32, 3)
        #expect(metadata == expected)
    }

    @Test("names can be a list, the size one number, flags outside of args") func otherForms() throws {
        let metadata = try ExportMetadata(
            parsing: #"{"names": ["a", 7, null, "d"], "imgsz": 320, "dynamic": false, "nms": true, "task": "obb"}"#)
        #expect(metadata.names == ["a", "7", "class 2", "d"])
        #expect(metadata.inputWidth == 320 && metadata.inputHeight == 320)
        #expect(metadata.isDynamic == false && metadata.includesNMS == true && metadata.task == .obb)
    }

    @Test("imgsz goes before shape, args before what stands outside") func precedence() throws {
        let metadata = try ExportMetadata(
            parsing: """
                {"shape": [1, 1, 64, 32], "imgsz": [320, 640], "channels": 4, "nms": true, "args": {"nms": false}}
                """)
        #expect(metadata.inputWidth == 640 && metadata.inputHeight == 320 && metadata.channels == 4)
        #expect(metadata.includesNMS == false)
    }

    @Test("a wrong type hides its own field only") func wrongTypes() throws {
        let metadata = try ExportMetadata(
            parsing: """
                {"names": 3, "imgsz": "large", "shape": {"a": 1}, "stride": "32", "task": "fly", "end2end": 1,
                 "dynamic": "yes", "args": [1], "channels": [3]}
                """)
        #expect(metadata == ExportMetadata())
        let kept = try ExportMetadata(parsing: #"{"names": 3, "stride": 16, "args": null, "nms": true, "imgsz": []}"#)
        #expect(kept.stride == 16 && kept.includesNMS == true && kept.inputWidth == nil)
        #expect(try ExportMetadata(parsing: "{}") == ExportMetadata())
    }

    @Test(
        "numbers out of range count as missing",
        arguments: [
            #""imgsz": 0"#, #""imgsz": [640, 16385]"#, #""imgsz": [-1, 640]"#, #""imgsz": [640, 640, 640]"#,
            #""imgsz": 1e300"#, #""shape": [1, 0, 99999, 640]"#, #""stride": 0"#, #""stride": 20000"#,
            #""channels": 1025"#, #""imgsz": 640.5"#,
        ])
    func outOfRange(field: String) throws {
        #expect(try ExportMetadata(parsing: "{\(field)}") == ExportMetadata())
    }

    @Test("what is no index is left out; one that is too large takes all names with it") func indices() throws {
        func names(_ json: String) throws -> [String] { try ExportMetadata(parsing: "{\"names\": \(json)}").names }
        #expect(try names(#"{"-1": "a", "x": "b", "01": "c", "1": "d"}"#) == ["class 0", "d"])
        #expect(try names(#"{"9999": "a"}"#).count == 10_000)
        #expect(try names(#"{"0": "a", "10000": "b"}"#).isEmpty)
        #expect(try ExportMetadata(parsing: #"{"names": {"0": "a", "10000": "b"}}"#).hasTooManyNames)
        #expect(try !ExportMetadata(parsing: #"{"names": {"0": "a", "9999": "b"}}"#).hasTooManyNames)
        #expect(try names(#"{"99999999999999999999": "a"}"#).isEmpty)
        #expect(try names("[" + Array(repeating: #""a""#, count: 10_001).joined(separator: ",") + "]").isEmpty)
    }

    @Test("names are cut, and hold nothing that moves a terminal's cursor") func hostileNames() throws {
        let long = try ExportMetadata(parsing: "{\"names\": [\"\(String(repeating: "ä", count: 300))\"]}").names
        #expect(long == [String(repeating: "ä", count: 200)])
        // One character, a thousand marks on it.
        let marks = "e" + String(repeating: "\u{301}", count: 1000)
        let name = try ExportMetadata(parsing: "{\"names\": [\"\(marks)\"]}").names[0]
        #expect(name.unicodeScalars.count == 200)
        let control = try ExportMetadata(parsing: #"{"names": ["\u001b[2Jcat\n", "\u0007"]}"#).names
        #expect(control == ["[2Jcat", "class 1"])
    }

    @Test(
        "what is no JSON object is an error",
        arguments: ["", "{", "[]", "3", "null", #""text""#, "{'a': 1}", #"{"a": NaN}"#, "\u{0}"])
    func malformed(text: String) throws {
        let error = try #require(throws: ExportMetadataError.self) { try ExportMetadata(parsing: text) }
        #expect(error.message.hasPrefix("The model's config.txt is no JSON object: "))
    }

    @Test("depth and length have limits") func limits() throws {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: ExportMetadataError.self) { try ExportMetadata(parsing: "{\"a\": \(deep)") }
        let long = "{\"names\": [\"" + String(repeating: "a", count: 4 << 20) + "\"]}"
        let error = try #require(throws: ExportMetadataError.self) { try ExportMetadata(parsing: long) }
        #expect(error.message.contains("4 MiB"))
    }
}
