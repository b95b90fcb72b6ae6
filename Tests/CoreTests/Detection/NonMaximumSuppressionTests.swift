import Core
import Testing

@Suite("Non-maximum suppression") struct NonMaximumSuppressionTests {
    private func box(
        _ left: Double, _ top: Double, _ right: Double, _ bottom: Double, score: Float, class classIndex: Int = 0,
        row: Int = 0
    ) -> DetectedBox {
        DetectedBox(
            row: row, classIndex: classIndex, score: score, classScore: score, objectness: nil,
            box: Box(left: left, top: top, right: right, bottom: bottom))
    }

    @Test("golden: rows, classes, scores and edges are torch's, to the last digit") func golden() throws {
        for golden in try DetectorOutputs.read().outputs {
            let layout = try DetectorLayout(
                recognising: golden.shape, levelGrids: [], input: (64, 64), classCount: nil, isEndToEnd: nil,
                family: golden.family)
            var settings = DetectionSettings()
            settings.confidence = golden.confidence
            settings.iou = golden.iou
            settings.maxDetections = golden.maxDetections
            let found = detections(in: golden.output, layout: layout, settings: settings, allowing: golden.allowed)
            let same = found.map { box in
                DetectorOutputs.Detection(
                    row: box.row, class: box.classIndex, score: box.score,
                    box: [box.box.left, box.box.top, box.box.right, box.box.bottom].map(Float.init))
            }
            #expect(same == golden.detections, "\(golden.name)")
            #expect(!same.isEmpty)
        }
    }

    @Test(
        "golden: what YOLOv5's and Ultralytics' own functions keep of the same output", arguments: DetectorFamily.yolos)
    func exporters(family: DetectorFamily) throws {
        let golden = try ExporterDetections.read(family)
        let layout = try DetectorLayout(
            recognising: golden.shape, levelGrids: [], input: (64, 64), classCount: nil, isEndToEnd: nil, family: family
        )
        for expected in golden.expected {
            var settings = DetectionSettings()
            settings.confidence = expected.confidence
            settings.iou = expected.iou
            settings.maxDetections = expected.maxDetections
            let found = detections(
                in: golden.output, layout: layout, settings: settings, allowing: expected.classes.map { Set($0) })
            #expect(found.map(\.row) == expected.rows, "\(expected.confidence), \(expected.iou)")
            #expect(found.map(\.classIndex) == expected.labels)
            #expect(found.map(\.score) == expected.scores)
        }
    }

    @Test("golden: boxes of high classes lose digits by the shift, and the same ones go") func shifted() throws {
        let golden = try DetectorOutputs.read().shifted
        let boxes = golden.boxes.indices.map { index in
            let edges = golden.boxes[index]
            return box(
                edges[0], edges[1], edges[2], edges[3], score: golden.scores[index], class: golden.classes[index],
                row: index)
        }
        let kept = nonMaximumSuppression(of: boxes, iou: golden.iou, maxDetections: 300)
        #expect(kept.map(\.row) == golden.kept)
    }

    @Test("what overlaps a better box of its class goes, other classes stay") func classes() {
        let boxes = [
            box(0, 0, 10, 10, score: 0.5, row: 1), box(1, 0, 11, 10, score: 0.9, row: 2),
            box(1, 0, 11, 10, score: 0.7, class: 1, row: 3), box(50, 0, 60, 10, score: 0.6, row: 4),
        ]
        #expect(nonMaximumSuppression(of: boxes, iou: 0.5, maxDetections: 9).map(\.row) == [2, 3, 4])
    }

    @Test("a box that has gone takes no other with it") func greedy() {
        // Neighbours overlap by 5 of 15 cells, the first and the last by none.
        let chain = [
            box(0, 0, 10, 1, score: 0.9, row: 0), box(5, 0, 15, 1, score: 0.8, row: 1),
            box(10, 0, 20, 1, score: 0.7, row: 2),
        ]
        #expect(nonMaximumSuppression(of: chain, iou: 0.3, maxDetections: 9).map(\.row) == [0, 2])
    }

    @Test("an overlap of just the threshold stays; 0.6 in single precision is above 0.6") func threshold() {
        // 6 of 10 cells: torchvision drops at 0.6 and keeps at float32(0.6).
        let pair = [box(0, 0, 8, 1, score: 0.9), box(2, 0, 10, 1, score: 0.8)]
        #expect(nonMaximumSuppression(of: pair, iou: 0.6, maxDetections: 9).count == 1)
        #expect(nonMaximumSuppression(of: pair, iou: Double(Float(0.6)), maxDetections: 9).count == 2)
        // 5 of 10 cells are the same in both.
        let half = [box(0, 0, 10, 1, score: 0.9), box(0, 0, 5, 1, score: 0.8)]
        #expect(nonMaximumSuppression(of: half, iou: 0.5, maxDetections: 9).count == 2)
    }

    @Test("equally good boxes stay in their order, the first wins") func ties() {
        let boxes = (0..<40).map { box(Double($0 / 2 * 20), 0, Double($0 / 2 * 20 + 10), 10, score: 0.5, row: $0) }
        let kept = nonMaximumSuppression(of: boxes, iou: 0.5, maxDetections: 99)
        #expect(kept.map(\.row) == Array(stride(from: 0, to: 40, by: 2)))
    }

    @Test("boxes without area have no overlap") func empty() {
        let points = [box(3, 3, 3, 3, score: 0.9), box(3, 3, 3, 3, score: 0.8)]
        #expect(nonMaximumSuppression(of: points, iou: 0.5, maxDetections: 9).count == 2)
        #expect(nonMaximumSuppression(of: [], iou: 0.5, maxDetections: 9).isEmpty)
    }

    @Test("the best so many remain", arguments: [(-1, 0), (0, 0), (2, 2), (9, 5)])
    func maxDetections(limit: Int, expected: Int) {
        let boxes = (0..<5).map { box(Double($0 * 20), 0, Double($0 * 20 + 10), 10, score: Float($0) / 10, row: $0) }
        let kept = nonMaximumSuppression(of: boxes, iou: 0.5, maxDetections: limit)
        #expect(kept.map(\.row) == Array([4, 3, 2, 1, 0].prefix(expected)))
    }

    @Test("only the best 30,000 are looked at") func manyCandidates() {
        // All on one spot but the worst, which would stay.
        var boxes = (0..<30_000).map { box(0, 0, 10, 10, score: 0.9, row: $0) }
        boxes.append(box(50, 50, 60, 60, score: 0.1, row: 30_000))
        #expect(nonMaximumSuppression(of: boxes, iou: 0.5, maxDetections: 9).map(\.row) == [0])
        #expect(nonMaximumSuppression(of: Array(boxes.dropFirst()), iou: 0.5, maxDetections: 9).count == 2)
    }

    @Test("end-to-end boxes are not suppressed again") func endToEnd() throws {
        let layout = try DetectorLayout(
            recognising: [1, 3, 6], levelGrids: [], input: (64, 64), classCount: 2, isEndToEnd: true, family: nil)
        let output: [Float] = [0, 0, 10, 10, 0.5, 1, 0, 0, 10, 10, 0.9, 1, 0, 0, 10, 10, 0.1, 1]
        #expect(detections(in: output, layout: layout, settings: DetectionSettings()).map(\.row) == [1, 0])
    }
}
