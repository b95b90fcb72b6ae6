import Foundation

/// What a classifier's output means: a probability for each class.
package struct ClassScores: Equatable, Sendable {
    /// 0...1 each, in the order of the classes. Not a number where the network overflowed.
    package let probabilities: [Double]

    /// Probabilities that the network computed itself.
    package init(probabilities: [Float]) {
        self.probabilities = probabilities.map(Double.init)
    }

    /// One of several classes is right: exp(z) / sum exp(z), computed without overflow.
    package init(softmaxOf logits: [Float]) {
        let largest = Double(logits.max() ?? 0)
        let powers = logits.map { exp(Double($0) - largest) }
        let sum = powers.reduce(0, +)
        probabilities = powers.map { $0 / sum }
    }

    /// Every class for itself is right or not: 1 / (1 + exp(-z)).
    package init(sigmoidOf logits: [Float]) {
        probabilities = logits.map { sigmoid(Double($0)) }
    }

    /// A network with a single output: the negative class is 0, the positive one is 1.
    package init(binaryLogit logit: Float) {
        // Not 1 - p, which loses all digits of a small probability.
        probabilities = [sigmoid(-Double(logit)), sigmoid(Double(logit))]
    }

    /// As `init(binaryLogit:)`, of a network that computes the positive class's probability itself.
    package init(binaryProbability probability: Float) {
        probabilities = [1 - Double(probability), Double(probability)]
    }

    /// The most probable classes, best first; equally probable ones in the order of their indices. What is not a
    /// number comes last.
    package func top(_ count: Int) -> [Int] {
        Array(ranking.prefix(max(count, 0)))
    }

    /// All classes that are at least so probable, best first.
    package func reaching(_ threshold: Double) -> [Int] {
        ranking.filter { probabilities[$0] >= threshold }
    }

    private var ranking: [Int] {
        probabilities.indices.sorted { first, second in
            let (p, q) = (probabilities[first], probabilities[second])
            if p.isNaN || q.isNaN { return p.isNaN == q.isNaN ? first < second : q.isNaN }
            return p == q ? first < second : p > q
        }
    }
}

private func sigmoid(_ value: Double) -> Double { 1 / (1 + exp(-value)) }
