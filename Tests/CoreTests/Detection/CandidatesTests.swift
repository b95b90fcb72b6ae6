import Core
import Testing

@Suite("Candidates") struct CandidatesTests {
    /// Two rows of a grid of 2 x 1, and two classes.
    private func layout(
        _ family: DetectorFamily, transposed: Bool = false, classes: Int? = 2
    ) throws -> DetectorLayout {
        let attributes = family == .yolov5 ? 7 : 6
        return try DetectorLayout(
            recognising: transposed ? [1, attributes, 2] : [1, 2, attributes], levelGrids: [(2, 1)], input: (16, 8),
            classCount: classes, isEndToEnd: nil, family: family)
    }

    private func transposed(_ rows: [[Float]]) -> [Float] {
        rows[0].indices.flatMap { attribute in rows.map { $0[attribute] } }
    }

    @Test("YOLOv8: the class score is the score, the box has corners", arguments: [false, true])
    func yolov8(isTransposed: Bool) throws {
        let rows: [[Float]] = [[10, 20, 4, 6, 0.125, 0.75], [1, 2, 3, 4, 0.25, 0.25]]
        let found = candidates(
            in: isTransposed ? transposed(rows) : rows.flatMap { $0 },
            layout: try layout(.yolov8, transposed: isTransposed), settings: DetectionSettings())
        // The second row is at the threshold, not above it.
        #expect(
            found == [
                DetectedBox(
                    row: 0, classIndex: 1, score: 0.75, classScore: 0.75, objectness: nil,
                    box: Box(left: 8, top: 17, right: 12, bottom: 23))
            ])
    }

    @Test("YOLOv5: objectness times the class score", arguments: [false, true])
    func yolov5(isTransposed: Bool) throws {
        let rows: [[Float]] = [[10, 20, 4, 6, 0.5, 0.75, 0.25], [1, 2, 3, 4, 0.75, 0.25, 1]]
        let found = candidates(
            in: isTransposed ? transposed(rows) : rows.flatMap { $0 },
            layout: try layout(.yolov5, transposed: isTransposed), settings: DetectionSettings())
        #expect(found.map(\.row) == [0, 1] && found.map(\.classIndex) == [0, 1])
        #expect(found.map(\.score) == [0.375, 0.75])
        #expect(found.map(\.classScore) == [0.75, 1] && found.map(\.objectness) == [0.5, 0.75])
    }

    @Test("YOLOv5: objectness must be above the threshold by itself", arguments: [false, true])
    func objectness(isTransposed: Bool) throws {
        // A network may give a class more than 1; the product would pass.
        let rows: [[Float]] = [[10, 20, 4, 6, 0.25, 2, 0], [1, 2, 3, 4, 0.5, 0.75, 0]]
        let found = candidates(
            in: isTransposed ? transposed(rows) : rows.flatMap { $0 },
            layout: try layout(.yolov5, transposed: isTransposed), settings: DetectionSettings())
        #expect(found.map(\.row) == [1])
    }

    @Test("end-to-end: corners, score and class as they stand") func endToEnd() throws {
        let found = candidates(
            in: [1, 2, 30, 40, 0.5, 1, 1, 2, 30, 40, 0.25, 0], layout: try layout(.endToEnd),
            settings: DetectionSettings())
        #expect(
            found == [
                DetectedBox(
                    row: 0, classIndex: 1, score: 0.5, classScore: 0.5, objectness: nil,
                    box: Box(left: 1, top: 2, right: 30, bottom: 40))
            ])
    }

    @Test(
        "end-to-end: a class that does not exist is left out; without names any may be",
        arguments: [-1, 2, 1e30, .nan])
    func endToEndClass(classIndex: Float) throws {
        let output: [Float] = [1, 2, 30, 40, 0.5, classIndex, 1, 2, 30, 40, 0.5, 1]
        let named = candidates(in: output, layout: try layout(.endToEnd), settings: DetectionSettings())
        #expect(named.map(\.row) == [1])
        let unnamed = candidates(
            in: output, layout: try layout(.endToEnd, classes: nil), settings: DetectionSettings())
        #expect(unnamed.map(\.row) == (classIndex == 2 ? [0, 1] : [1]))
    }

    @Test("of equally good classes the first is taken, as torch.max does", arguments: [false, true])
    func ties(isTransposed: Bool) throws {
        let rows: [[Float]] = [[10, 20, 4, 6, 0.5, 0.5], [1, 2, 3, 4, 0.5, 0.75]]
        let found = candidates(
            in: isTransposed ? transposed(rows) : rows.flatMap { $0 },
            layout: try layout(.yolov8, transposed: isTransposed), settings: DetectionSettings())
        #expect(found.map(\.classIndex) == [0, 1])
    }

    @Test("the threshold is compared in single precision, as torch does") func singlePrecision() throws {
        // float32(0.3) is above 0.3, but not above itself.
        var settings = DetectionSettings()
        settings.confidence = 0.3
        let output: [Float] = [10, 20, 4, 6, 0.3, 0, 1, 2, 3, 4, Float(0.3).nextUp, 0]
        #expect(candidates(in: output, layout: try layout(.yolov8), settings: settings).map(\.row) == [1])
    }

    @Test("the allow-list does not promote a second best class") func allowList() throws {
        let output: [Float] = [10, 20, 4, 6, 0.5, 0.75, 1, 2, 3, 4, 0.5, 0.25]
        let layout = try layout(.yolov8)
        #expect(candidates(in: output, layout: layout, settings: DetectionSettings(), allowing: [0]).map(\.row) == [1])
        #expect(candidates(in: output, layout: layout, settings: DetectionSettings(), allowing: []).isEmpty)
    }

    @Test(
        "a row with a value that is no number is never taken, wherever it stands",
        arguments: DetectorFamily.allCases, [Float.nan, .infinity, -.infinity])
    func notFinite(family: DetectorFamily, value: Float) throws {
        let good: [Float] =
            switch family {
            case .yolov5: [10, 20, 4, 6, 0.75, 0.5, 0.75]
            case .yolov8: [10, 20, 4, 6, 0.5, 0.75]
            case .endToEnd: [10, 20, 14, 26, 0.5, 1]
            }
        for isTransposed in family == .endToEnd ? [false] : [false, true] {
            let layout = try layout(family, transposed: isTransposed)
            for attribute in good.indices {
                var bad = good
                bad[attribute] = value
                let output = isTransposed ? transposed([bad, good]) : bad + good
                #expect(candidates(in: output, layout: layout, settings: DetectionSettings()).map(\.row) == [1])
                #expect(DetectedBox(in: output, layout: layout, row: 0, class: 1) == nil)
            }
        }
    }

    @Test("edges that overflow are left out") func overflow() throws {
        let huge = Float.greatestFiniteMagnitude
        let output: [Float] = [huge, 20, huge, 6, 0.5, 0.75, 1, 2, 3, 4, 0.5, 0.75]
        #expect(
            candidates(in: output, layout: try layout(.yolov8), settings: DetectionSettings()).map(\.row) == [1])
    }

    @Test("what is ignored behind the classes decides nothing") func ignoredAttributes() throws {
        let layout = try layout(.yolov8, classes: 1)
        let output: [Float] = [10, 20, 4, 6, 0.5, 0.75, 1, 2, 3, 4, 0.5, .nan]
        let found = candidates(in: output, layout: layout, settings: DetectionSettings())
        #expect(found.map(\.row) == [0, 1] && found.map(\.classIndex) == [0, 0])
    }

    @Test("one row and class, whatever the thresholds") func named() throws {
        let output: [Float] = [10, 20, 4, 6, 0.5, 0.125, 0.25, 1, 2, 3, 4, 0, 0, 0]
        let layout = try layout(.yolov5)
        let first = try #require(DetectedBox(in: output, layout: layout, row: 0, class: 0))
        #expect(first.score == 0.0625 && first.classScore == 0.125 && first.objectness == 0.5)
        #expect(first.box == Box(left: 8, top: 17, right: 12, bottom: 23))
        #expect(DetectedBox(in: output, layout: layout, row: 0)?.classIndex == 1)
        #expect(DetectedBox(in: output, layout: layout, row: 1)?.classIndex == 0)
        for (row, classIndex) in [(-1, 0), (2, 0), (0, -1), (0, 2)] {
            #expect(DetectedBox(in: output, layout: layout, row: row, class: classIndex) == nil)
        }
    }

    @Test("a row of an end-to-end network has its own class only") func namedEndToEnd() throws {
        let output: [Float] = [1, 2, 30, 40, 0.125, 1, 1, 2, 30, 40, 0.25, 0]
        let layout = try layout(.endToEnd)
        #expect(DetectedBox(in: output, layout: layout, row: 0)?.classIndex == 1)
        #expect(DetectedBox(in: output, layout: layout, row: 0, class: 1)?.score == 0.125)
        #expect(DetectedBox(in: output, layout: layout, row: 0, class: 0) == nil)
    }
}
