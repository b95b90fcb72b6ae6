import Core
import Testing

@Suite("DetectorLayout") struct DetectorLayoutTests {
    private let grids320: [(width: Int, height: Int)] = [(40, 40), (20, 20), (10, 10)]

    private func layout(
        _ output: [Int], grids: [(width: Int, height: Int)] = [], input: (width: Int, height: Int) = (640, 640),
        classes: Int? = nil, endToEnd: Bool? = nil, family: DetectorFamily? = nil
    ) throws(DetectorLayoutError) -> DetectorLayout {
        try DetectorLayout(
            recognising: output, levelGrids: grids, input: input, classCount: classes, isEndToEnd: endToEnd,
            family: family)
    }

    @Test(
        "shapes of the published exporters, at 640 x 640 with and without names",
        arguments: [
            ([1, 84, 8400], 80, .yolov8), ([1, 25_200, 85], 80, .yolov5), ([1, 300, 6], 80, .endToEnd),
            // P6, P2 and tiny pyramids
            ([1, 84, 8500], 80, .yolov8), ([1, 25_500, 85], 80, .yolov5), ([1, 84, 34_000], 80, .yolov8),
            ([1, 6000, 85], 80, .yolov5),
        ] as [([Int], Int, DetectorFamily)])
    func published(output: [Int], classes: Int, family: DetectorFamily) throws {
        let named = try layout(output, classes: classes)
        #expect(named.family == family && named.classes == classes && named.ignoredAttributes == 0)
        let unnamed = try layout(output)
        #expect(unnamed.family == family && unnamed.classes == (family == .endToEnd ? 0 : classes))
        #expect(try layout(Array(output.dropFirst()), classes: classes) == named)
    }

    @Test("YOLOv8: [4 + classes, rows], one row a cell") func yolov8() throws {
        let layout = try layout([1, 12, 2100], grids: grids320, input: (320, 320), classes: 8)
        #expect(layout.rows == 2100 && layout.attributes == 12 && !layout.isRowMajor && layout.anchorsPerCell == 1)
        #expect(layout.element(row: 7, attribute: 2) == 2 * 2100 + 7)
        #expect(layout.classElement(row: 7, class: 3) == 7 * 2100 + 7)
        #expect(layout.objectnessElement(row: 7) == nil)
    }

    @Test("YOLOv5: [rows, 5 + classes], three rows a cell") func yolov5() throws {
        let layout = try layout([1, 6300, 85], grids: grids320, input: (320, 320), classes: 80)
        #expect(layout.rows == 6300 && layout.attributes == 85 && layout.isRowMajor && layout.anchorsPerCell == 3)
        #expect(layout.element(row: 2, attribute: 3) == 2 * 85 + 3)
        #expect(layout.classElement(row: 2, class: 79) == 2 * 85 + 84)
        #expect(layout.objectnessElement(row: 2) == 2 * 85 + 4)
    }

    @Test("both families are read when they are written the other way round") func transposed() throws {
        let v8 = try layout([1, 8400, 84], classes: 80)
        #expect(v8.family == .yolov8 && v8.isRowMajor && v8.classElement(row: 1, class: 0) == 84 + 4)
        let v5 = try layout([1, 85, 25_200], classes: 80)
        #expect(v5.family == .yolov5 && !v5.isRowMajor && v5.objectnessElement(row: 1) == 4 * 25_200 + 1)
    }

    @Test("end-to-end: one score a row, whatever the class, and no levels") func endToEnd() throws {
        let layout = try layout([1, 300, 6], classes: 80)
        #expect(layout.rows == 300 && layout.isRowMajor && layout.levels.isEmpty && layout.level(ofRow: 5) == nil)
        #expect(layout.classElement(row: 2, class: 79) == 2 * 6 + 4)
        #expect(layout.objectnessElement(row: 2) == nil)
    }

    @Test("rows of each level, in the order of the output") func levels() throws {
        let v8 = try layout([1, 84, 8400])
        #expect(v8.levels.map(\.rows) == [0..<6400, 6400..<8000, 8000..<8400])
        #expect(v8.levels.map(\.stride) == [8, 16, 32] && v8.levels.map(\.width) == [80, 40, 20])
        #expect([0, 6399, 6400, 7999, 8000, 8399, 8400].map(v8.level) == [0, 0, 1, 1, 2, 2, nil])
        let v5 = try layout([1, 25_200, 85])
        #expect(v5.levels.map(\.rows) == [0..<19_200, 19_200..<24_000, 24_000..<25_200])
    }

    @Test("measured grids decide, not the usual ones") func measured() throws {
        // A single level with stride 4, as CenterFace has it; and grids that only 640 x 640 would have.
        let single = try layout([1, 5, 6400], grids: [(80, 80)], input: (320, 320))
        #expect(single.levels.map(\.stride) == [4] && single.levels.map(\.rows) == [0..<6400])
        #expect(throws: DetectorLayoutError.self) { try layout([1, 84, 8400], grids: [(80, 80)], classes: 80) }
    }

    @Test("a cell has at most nine rows: more are chance") func manyAnchors() throws {
        #expect(try layout([1, 900, 85], grids: [(10, 10)], input: (320, 320)).anchorsPerCell == 9)
        #expect(throws: DetectorLayoutError.self) { try layout([1, 1000, 85], grids: [(10, 10)], input: (320, 320)) }
    }

    @Test("sides that do not divide count what remains as a cell") func oddInput() throws {
        // 650 / 8 = 81.25, / 16 = 40.6, / 32 = 20.3; 330: 41.25, 20.6, 10.3
        let cells = 82 * 42 + 41 * 21 + 21 * 11
        let usual = try layout([1, 84, cells], input: (650, 330))
        #expect(usual.levels.map(\.width) == [82, 41, 21] && usual.levels.map(\.height) == [42, 21, 11])
        let measured = try layout(
            [1, 84, cells], grids: [(82, 42), (41, 21), (21, 11)], input: (650, 330))
        #expect(measured == usual)
    }

    @Test("a grid that no power of two explains has its own stride") func oddStride() throws {
        let layout = try layout([1, 5, 100], grids: [(10, 10)], input: (240, 240))
        #expect(layout.levels.map(\.stride) == [24])
    }

    @Test("row-major with 5 numbers more than classes has objectness and a single anchor: YOLOX") func yolox() throws {
        let layout = try layout([1, 8400, 85], classes: 80)
        #expect(layout.family == .yolov5 && layout.anchorsPerCell == 1 && layout.classes == 80)
        #expect(try self.layout([1, 8400, 85]).family == .yolov8)
        // Rotated boxes: an angle behind the classes.
        let rotated = try self.layout([1, 85, 8400], classes: 80)
        #expect(rotated.family == .yolov8 && rotated.ignoredAttributes == 1)
    }

    @Test(
        "what stands behind the named classes is ignored",
        arguments: [
            ([1, 116, 8400], 80, 32), ([1, 56, 8400], 1, 51), ([1, 20, 8400], 15, 1), ([1, 25_200, 117], 80, 32),
        ])
    func ignored(output: [Int], classes: Int, ignored: Int) throws {
        let layout = try layout(output, classes: classes)
        #expect(layout.classes == classes && layout.ignoredAttributes == ignored)
    }

    @Test("end-to-end with mask coefficients needs the exporter's word") func endToEndSegmentation() throws {
        let layout = try layout([1, 300, 38], classes: 80, endToEnd: true)
        #expect(layout.family == .endToEnd && layout.attributes == 38 && layout.ignoredAttributes == 32)
        #expect(throws: DetectorLayoutError.self) { try self.layout([1, 300, 38], classes: 80) }
    }

    @Test("six numbers are no sign of end-to-end where the rows fit the cells") func sixNumbers() throws {
        #expect(try layout([1, 25_200, 6]).family == .yolov5)
        #expect(try layout([1, 8400, 6]).family == .yolov8)
        #expect(try layout([1, 8400, 6], endToEnd: true).family == .endToEnd)
    }

    @Test("an end-to-end network that was exported without its last step is YOLOv8") func oneToMany() throws {
        #expect(try layout([1, 84, 8400], classes: 80, endToEnd: true).family == .yolov8)
    }

    @Test("at small inputs both sides can fit: one row a cell goes first") func ambiguous() throws {
        // 64 x 64 has 84 cells, 80 classes make 84 numbers.
        #expect(try layout([1, 84, 84], input: (64, 64), classes: 80).isRowMajor == false)
        // 32 x 32 has 21 cells: 84 = 4 x 21.
        let rowMajor = try layout([1, 21, 84], input: (32, 32), classes: 80)
        #expect(rowMajor.family == .yolov8 && rowMajor.isRowMajor && rowMajor.rows == 21)
        // 42 = 2 x 21 on both sides: YOLOv5 is written row-major.
        #expect(try layout([1, 42, 42], input: (32, 32)).isRowMajor)
    }

    @Test("names decide between readings that fit") func namesDecide() throws {
        // 64 x 64 has 84 cells. As [5 numbers, 84 rows] there is no room for 70 classes, as [rows, numbers] neither.
        #expect(throws: DetectorLayoutError.self) { try layout([1, 5, 84], input: (64, 64), classes: 70) }
        // 21 cells at 32 x 32: 21 numbers a row hold 17 classes; 80 find room only in the 84 of the other reading.
        let named = try layout([1, 84, 21], input: (32, 32), classes: 80)
        #expect(named.rows == 21 && named.attributes == 84)
    }

    @Test("a person's word goes before the shape") func override() throws {
        #expect(try layout([1, 85, 8400], family: .yolov5).family == .yolov5)
        #expect(try layout([1, 8400, 85], classes: 80, family: .yolov8).ignoredAttributes == 1)
        #expect(try layout([1, 84, 8400], endToEnd: true, family: .yolov8).family == .yolov8)
        #expect(try layout([1, 8400, 6], family: .endToEnd).family == .endToEnd)
    }

    @Test("a person's word is enough where the rows fit no grid; then levels are unknown") func overrideWithoutGrid()
        throws
    {
        let v8 = try layout([1, 12, 777], classes: 8, family: .yolov8)
        #expect(v8.rows == 777 && !v8.isRowMajor && v8.levels.isEmpty)
        let v5 = try layout([1, 777, 13], classes: 8, family: .yolov5)
        #expect(v5.rows == 777 && v5.isRowMajor && v5.levels.isEmpty && v5.level(ofRow: 3) == nil)
    }

    @Test("an output that fits nothing: the shape, the grids and what is known are named") func unknown() throws {
        let error = try #require(throws: DetectorLayoutError.self) {
            try layout([1, 10, 20], grids: grids320, input: (320, 320))
        }
        #expect(error.message.contains("1x10x20") && error.message.contains("40x40 + 20x20 + 10x10 = 2100 cells"))
        #expect(error.message.contains("[N, rows, 5 + classes] of YOLOv5, [N, 4 + classes, rows] of YOLOv8/11"))
        #expect(error.remedy.contains("detection.layout") && error.remedy.contains("gradcam inspect"))
    }

    @Test("too many names: how many numbers there are is named") func tooManyNames() throws {
        let error = try #require(throws: DetectorLayoutError.self) { try layout([1, 10, 8400], classes: 80) }
        #expect(error.message.contains("1x10x8400") && error.message.contains("10 numbers"))
        #expect(error.message.contains("80 classes"))
        #expect(throws: DetectorLayoutError.self) { try layout([1, 25_200, 84], classes: 80) }
        #expect(throws: DetectorLayoutError.self) { try layout([1, 4, 8400]) }
        #expect(throws: DetectorLayoutError.self) { try layout([1, 25_200, 5]) }
        #expect(throws: DetectorLayoutError.self) { try layout([1, 300, 5], endToEnd: true) }
    }

    @Test("empty names are no names") func emptyNames() throws {
        #expect(try layout([1, 84, 8400], classes: 0).classes == 80)
    }

    @Test("only three sides, or two of one image", arguments: [[], [8400], [1, 3, 80, 80, 85]] as [[Int]])
    func rank(output: [Int]) {
        #expect(throws: DetectorLayoutError.self) { try layout(output) }
    }

    @Test("hostile sizes give an error, no trap", arguments: [[1, 0, 0], [1, -3, 8400], [1, 84, -8400]])
    func hostile(output: [Int]) {
        #expect(throws: DetectorLayoutError.self) { try layout(output) }
        #expect(throws: DetectorLayoutError.self) { try layout(output, grids: [(0, 0)]) }
        #expect(throws: DetectorLayoutError.self) { try layout(output, grids: [(0, 0)], family: .yolov8) }
    }

    @Test("the same network at another size keeps its strides") func resized() throws {
        let v8 = try layout([1, 12, 2100], grids: grids320, input: (320, 320), classes: 8)
        let larger = try v8.resized(toInput: (640, 640), output: [1, 12, 8400])
        #expect(larger == (try layout([1, 12, 8400], classes: 8)))
        // 640 x 384: 80 x 48 + 40 x 24 + 20 x 12
        let wide = try v8.resized(toInput: (640, 384), output: [12, 5040])
        #expect(wide.levels.map(\.rows) == [0..<3840, 3840..<4800, 4800..<5040])
        let v5 = try layout([1, 25_200, 85], classes: 80)
        #expect(try v5.resized(toInput: (320, 320), output: [1, 6300, 85]).levels.map(\.rows.upperBound).last == 6300)
        let endToEnd = try layout([1, 300, 6], classes: 80)
        #expect(try endToEnd.resized(toInput: (320, 320), output: [1, 300, 6]) == endToEnd)
    }

    @Test("an output that another size does not explain is an error") func resizedWrongly() throws {
        let v8 = try layout([1, 12, 2100], grids: grids320, input: (320, 320), classes: 8)
        let error = try #require(throws: DetectorLayoutError.self) {
            try v8.resized(toInput: (640, 640), output: [1, 12, 2100])
        }
        #expect(error.message.contains("1x12x2100") && error.message.contains("640x640"))
        #expect(throws: DetectorLayoutError.self) { try v8.resized(toInput: (640, 640), output: [1, 13, 8400]) }
        #expect(throws: DetectorLayoutError.self) { try v8.resized(toInput: (640, 640), output: [1, 8400, 12]) }
    }
}
