import CTorch
import Core
import Foundation

/// What a detector's output says, and how each of its boxes is differentiated.
struct Detector {
    /// At the size that the network was probed with.
    let layout: DetectorLayout
    private let labels: [String]
    private let scoreKind: ScoreKind

    private enum ScoreKind {
        case probabilities
        /// Their sigmoid is still to be taken.
        case logits
        /// Nobody says: logits where they are not all in 0...1.
        case unknown
    }

    /// - Throws: `model_unsupported` where the output has none of the known layouts.
    init(network: Network, card: ModelCard, metadata: ExportMetadata?, labels: [String]) throws(Failure) {
        let levelGrids = network.levels.map { (width: $0.headInput.shape[3], height: $0.headInput.shape[2]) }
        do {
            layout = try DetectorLayout(
                recognising: network.output, levelGrids: levelGrids,
                input: (width: network.input[3], height: network.input[2]),
                classCount: labels.isEmpty ? nil : labels.count,
                isEndToEnd: metadata?.isEndToEnd == true || metadata?.includesNMS == true, family: card.layout)
        } catch {
            throw Failure(.modelUnsupported, error.message, remedy: error.remedy)
        }
        self.labels = labels
        scoreKind =
            switch (card.activation, network.activation) {
            case (.sigmoid, _): .logits
            case (.auto, .none): .unknown
            default: .probabilities
            }
    }

    /// One pass through the network.
    struct Pass {
        /// Of one image.
        let output: [Float]
        /// N, and the two sides.
        let outputShape: [Int]
        /// What is differentiated, in the order of the output.
        let logits: [Float]
        let placement: Placement
    }

    /// The objects, best first.
    ///
    /// - Parameters:
    ///   - row: explain what this row of the output says, whatever its score, instead of what is found.
    ///   - classes: labels or indices; empty for all, or for the row's best.
    func candidates(
        _ pass: Pass, settings: DetectionSettings, row: Int?, classes: [String]
    ) throws(Failure) -> [Candidate] {
        let placement = pass.placement
        let layout: DetectorLayout
        do {
            layout = try self.layout.resized(
                toInput: (width: placement.inputWidth, height: placement.inputHeight), output: pass.outputShape)
        } catch {
            throw Failure(.inputRejected, error.message, remedy: error.remedy)
        }
        var settings = settings
        if !classes.isEmpty { settings.classes = classes }
        let allowed: Set<Int>?
        do {
            allowed = try settings.allowedClasses(labels: labels, count: layout.classes > 0 ? layout.classes : nil)
        } catch {
            throw Failure(.unknownTarget, error.message, remedy: error.remedy)
        }
        let output = probabilities(pass.output, layout)
        guard let row else {
            return detections(in: output, layout: layout, settings: settings, allowing: allowed).map {
                candidate($0, layout, pass, settings.target)
            }
        }
        if classes.count > 1 {
            throw Failure(.badRequest, "A row is explained for one class, not for \(classes.count).")
        }
        guard let named = DetectedBox(in: output, layout: layout, row: row, class: allowed?.min()) else {
            throw Failure(
                .unknownTarget, "Row \(row) of the output says nothing of that class.",
                remedy: layout.rows > 0 ? "The output has the rows 0 to \(layout.rows - 1)." : "It has no rows.")
        }
        return [candidate(named, layout, pass, settings.target)]
    }

    private func candidate(
        _ detected: DetectedBox, _ layout: DetectorLayout, _ pass: Pass, _ target: DetectionTarget
    ) -> Candidate {
        let (row, classIndex) = (detected.row, detected.classIndex)
        let classLogit = pass.logits[layout.classElement(row: row, class: classIndex)]
        let objectnessLogit = layout.objectnessElement(row: row).map { pass.logits[$0] }
        let terms = target.weights(
            row: row, class: classIndex, objectnessLogit: objectnessLogit ?? 0, classLogit: classLogit, layout: layout)
        return Candidate(
            classIndex: classIndex, label: classIndex < labels.count ? labels[classIndex] : "class \(classIndex)",
            score: Double(detected.score), value: target.value(objectness: objectnessLogit, class: classLogit),
            target: LogitSum(terms: terms.map { LogitSum.Term(element: $0.element, weight: $0.weight) }),
            object: Candidate.Object(detected: detected, box: pass.placement.boxInPicture(detected.box)))
    }

    /// The output with scores of 0...1: objectness and classes stand behind the four coordinates.
    private func probabilities(_ output: [Float], _ layout: DetectorLayout) -> [Float] {
        if scoreKind == .probabilities || layout.family == .endToEnd { return output }
        var probabilities = output
        var areProbabilities = true
        for row in 0..<layout.rows {
            for attribute in 4..<(layout.attributes - layout.ignoredAttributes) {
                let element = layout.element(row: row, attribute: attribute)
                // What is no number says nothing of the others; rounding may pass 1.
                if output[element] < 0 || output[element] > 1.001 { areProbabilities = false }
                probabilities[element] = 1 / (1 + exp(-output[element]))
            }
        }
        return scoreKind == .unknown && areProbabilities ? output : probabilities
    }
}
