import Core
import Testing

@Suite("ClassScores") struct ClassScoresTests {
    private func isNear(_ values: [Double], _ expected: [Double]) -> Bool {
        values.count == expected.count && zip(values, expected).allSatisfy { abs($0 - $1) <= 1e-15 }
    }

    @Test("softmax is scipy's, whatever is added to all logits", arguments: [0, 800, -800] as [Float])
    func softmax(shift: Float) {
        // scipy.special.softmax([1.5, -2, 0.25, 3])
        let scores = ClassScores(softmaxOf: [1.5, -2, 0.25, 3].map { $0 + shift })
        #expect(
            isNear(
                scores.probabilities,
                [0.17246162888593883, 0.005207889933106295, 0.049411083950143396, 0.7729193972308115]))
    }

    @Test("sigmoid is scipy's, down to tiny probabilities") func sigmoid() {
        // scipy.special.expit([1.5, -2, 0.25, -40])
        let scores = ClassScores(sigmoidOf: [1.5, -2, 0.25, -40])
        #expect(isNear(scores.probabilities, [0.8175744761936437, 0.11920292202211755, 0.5621765008857981, 4.2e-18]))
        #expect(abs(scores.probabilities[3] / 4.248354255291589e-18 - 1) < 1e-12)
    }

    @Test("a single logit speaks for two classes") func binary() {
        let scores = ClassScores(binaryLogit: 40)
        #expect(scores.probabilities[1] == 1)
        #expect(abs(scores.probabilities[0] / 4.248354255291589e-18 - 1) < 1e-12)
        #expect(ClassScores(binaryProbability: 0.25).probabilities == [0.75, 0.25])
        #expect(ClassScores(binaryLogit: -3).top(1) == [0])
    }

    @Test("the best come first, equals in the order of their indices, and no number last") func ranking() {
        let scores = ClassScores(probabilities: [0.25, .nan, 0.5, 0.25, 0.5, .nan])
        #expect(scores.top(6) == [2, 4, 0, 3, 1, 5])
        #expect(scores.top(2) == [2, 4])
        #expect(scores.top(100).count == 6)
        #expect(scores.top(0).isEmpty && scores.top(-1).isEmpty)
        #expect(scores.reaching(0.25) == [2, 4, 0, 3])
        #expect(scores.reaching(0.6).isEmpty)
    }

    @Test("an overflowed network gives no numbers, and no crash") func overflow() {
        #expect(ClassScores(softmaxOf: [.infinity, 1]).top(2).count == 2)
        #expect(ClassScores(softmaxOf: [.nan, 1]).probabilities.contains { $0.isNaN })
        #expect(ClassScores(softmaxOf: []).top(3).isEmpty)
    }
}
