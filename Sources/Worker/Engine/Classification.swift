import CTorch
import Core
import Foundation

/// What a classifier's output says, and which of it is explained.
struct Classification {
    private let scores: ClassScores
    private let logits: [Float]
    private let labels: [String]
    /// Every class for itself is right or not.
    private let isMultiLabel: Bool

    /// - Parameters:
    ///   - output: the network's output for one image.
    ///   - logits: what is differentiated, same order.
    init(output: [Float], logits: [Float], model: LoadedModel) {
        self.logits = logits
        labels = model.labels
        let isBinary = output.count == 1
        let inNetwork = model.network.activation
        var multiLabel = false
        switch (inNetwork, model.card.activation) {
        case (.sigmoid, _):
            multiLabel = !isBinary
            scores = isBinary ? ClassScores(binaryProbability: output[0]) : ClassScores(probabilities: output)
        case (.logSoftmax, _):
            scores = ClassScores(probabilities: output.map { exp($0) })
        case (.softmax, _), (_, .none):
            scores = isBinary ? ClassScores(binaryProbability: output[0]) : ClassScores(probabilities: output)
        case (_, .sigmoid):
            multiLabel = !isBinary
            scores = isBinary ? ClassScores(binaryLogit: output[0]) : ClassScores(sigmoidOf: output)
        default:
            scores = isBinary ? ClassScores(binaryLogit: output[0]) : ClassScores(softmaxOf: output)
        }
        isMultiLabel = multiLabel
    }

    /// The classes to explain, best first.
    ///
    /// - Parameter targets: labels or indices; empty takes the most probable ones, of independent classes those
    ///   that reach the threshold.
    func candidates(targets: [String], top: Int, threshold: Double) throws(Failure) -> [Candidate] {
        if !targets.isEmpty {
            var candidates: [Candidate] = []
            for target in targets { candidates.append(candidate(try classIndex(of: target))) }
            return candidates
        }
        let best = isMultiLabel ? Array(scores.reaching(threshold).prefix(top)) : scores.top(top)
        return best.map(candidate)
    }

    private func candidate(_ index: Int) -> Candidate {
        let isBinary = logits.count == 1
        let sign: Float = isBinary && index == 0 ? -1 : 1
        let element = isBinary ? 0 : index
        let score = scores.probabilities[index]
        return Candidate(
            classIndex: index, label: label(index), score: score, value: logits[element] * sign,
            target: LogitSum(element: element, weight: sign), object: nil)
    }

    /// Of a network with one output the card may name the positive class only.
    private func label(_ index: Int) -> String {
        if labels.count == 1, logits.count == 1 { return index == 1 ? labels[0] : "not \(labels[0])" }
        return index < labels.count ? labels[index] : "class \(index)"
    }

    private func classIndex(of target: String) throws(Failure) -> Int {
        let count = scores.probabilities.count
        if let index = (0..<count).first(where: { label($0).lowercased() == target.lowercased() }) { return index }
        if let index = Int(target), (0..<count).contains(index) { return index }
        let near = (0..<count).map(label).filter { $0.lowercased().contains(target.lowercased()) }.prefix(5)
        throw Failure(
            .unknownTarget, "The model has no class \"\(target)\".",
            remedy: near.isEmpty
                ? "Give a label or an index from 0 to \(count - 1); gradcam inspect lists the labels."
                : "Did you mean: \(near.joined(separator: "; "))?")
    }
}
