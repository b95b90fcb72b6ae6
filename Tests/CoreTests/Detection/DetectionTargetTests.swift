import Core
import Foundation
import Testing

@Suite("DetectionTarget") struct DetectionTargetTests {
    private func layout(_ output: [Int], _ family: DetectorFamily) throws -> DetectorLayout {
        try DetectorLayout(
            recognising: output, levelGrids: [(2, 1)], input: (16, 8), classCount: 2, isEndToEnd: nil, family: family)
    }

    private func weights(
        _ target: DetectionTarget, _ layout: DetectorLayout, objectness: Float = 0, class classLogit: Float = 0
    ) -> [Int: Float] {
        let weights = target.weights(
            row: 1, class: 1, objectnessLogit: objectness, classLogit: classLogit, layout: layout)
        return Dictionary(uniqueKeysWithValues: weights.map { ($0.element, $0.weight) })
    }

    @Test("YOLOv5: objectness at 7 + 4, class 1 at 7 + 6") func yolov5() throws {
        let layout = try layout([1, 2, 7], .yolov5)
        // sigmoid(0) = 1/2, sigmoid(-ln 3) = 1/4
        let score = weights(.score, layout, objectness: 0, class: log(3))
        #expect(score.keys.sorted() == [11, 13])
        #expect(score[11] == 0.5)
        #expect(abs(try #require(score[13]) - 0.25) < 1e-7)
        #expect(weights(.classScore, layout, objectness: 5, class: 5) == [13: 1])
        #expect(weights(.objectness, layout, objectness: 5, class: 5) == [11: 1])
        #expect(weights(.logit, layout, objectness: 5, class: -5) == [11: 1, 13: 1])
    }

    @Test("the weights are the gradient of log(objectness) + log(class score)") func gradient() throws {
        func score(_ z: Double) -> Double { -log(1 + exp(-z)) }
        let layout = try layout([1, 2, 7], .yolov5)
        for z in [-3.0, -0.5, 1, 4] {
            let slope = (score(z + 1e-5) - score(z - 1e-5)) / 2e-5
            let weight = try #require(weights(.score, layout, objectness: Float(z))[11])
            #expect(abs(Double(weight) - slope) < 1e-6)
        }
    }

    @Test("the less certain factor counts more, also where both are 1 in single precision") func saturated() throws {
        let layout = try layout([1, 2, 7], .yolov5)
        let score = weights(.score, layout, objectness: 40, class: 20)
        // exp(-40) and exp(-20), by a pocket calculator.
        #expect(abs(try #require(score[11]) / 4.248354e-18 - 1) < 1e-5)
        #expect(abs(try #require(score[13]) / 2.061154e-9 - 1) < 1e-5)
        #expect(try #require(weights(.score, layout, objectness: 100)[11]) > 0)
        #expect(weights(.score, layout, objectness: -200)[11] == 1)
    }

    @Test("without objectness every target is the class's logit", arguments: DetectionTarget.allCases)
    func withoutObjectness(target: DetectionTarget) throws {
        // [6, 2]: class 1 of row 1 is at 5 x 2 + 1.
        #expect(weights(target, try layout([1, 6, 2], .yolov8), class: 40) == [11: 1])
        // [2, 6]: the score of row 1 is at 6 + 4.
        #expect(weights(target, try layout([1, 2, 6], .endToEnd), class: 40) == [10: 1])
    }
}
