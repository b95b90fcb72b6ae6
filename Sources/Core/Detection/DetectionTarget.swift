import Foundation

/// Which number of a detected box is explained. Only YOLOv5's boxes have several; the others have a class score alone.
package enum DetectionTarget: String, CaseIterable, Codable, Sendable {
    /// What is reported: log(objectness) + log(class score). Whichever factor is less certain counts more.
    case score
    /// What speaks for the class, whether or not for an object.
    case classScore = "class"
    /// What speaks for an object, whichever class it has.
    case objectness
    /// The sum of both logits: both factors count alike.
    case logit

    /// What is differentiated, as a weighted sum of logits: its gradient is that of the target.
    ///
    /// The gradient of log(sigmoid(z)) is sigmoid(-z). As a weight of z itself it survives where the sigmoid has come
    /// out as 1, and its own gradient as 0.
    /// - Parameters:
    ///   - objectnessLogit: before the sigmoid; without meaning where the family has no objectness.
    ///   - classLogit: before the sigmoid.
    /// - Returns: indices into the output of one image.
    package func weights(
        row: Int, class classIndex: Int, objectnessLogit: Float, classLogit: Float, layout: DetectorLayout
    ) -> [(element: Int, weight: Float)] {
        let classElement = layout.classElement(row: row, class: classIndex)
        guard let objectnessElement = layout.objectnessElement(row: row) else { return [(classElement, 1)] }
        return switch self {
        case .score:
            [(objectnessElement, sigmoidOfNegated(objectnessLogit)), (classElement, sigmoidOfNegated(classLogit))]
        case .classScore: [(classElement, 1)]
        case .objectness: [(objectnessElement, 1)]
        case .logit: [(objectnessElement, 1), (classElement, 1)]
        }
    }
}

extension DetectionTarget {
    /// The value that is differentiated.
    /// - Parameter objectness: its logit; `nil` in a family that has none.
    package func value(objectness: Float?, class classLogit: Float) -> Float {
        guard let objectness else { return classLogit }
        return switch self {
        case .score: Float(logarithmOfSigmoid(objectness) + logarithmOfSigmoid(classLogit))
        case .classScore: classLogit
        case .objectness: objectness
        case .logit: objectness + classLogit
        }
    }
}

/// log(1 / (1 + exp(-z))), without overflow for z far below 0.
private func logarithmOfSigmoid(_ logit: Float) -> Double {
    let logit = Double(logit)
    return min(logit, 0) - log1p(exp(-abs(logit)))
}

/// 1 / (1 + exp(z)): not 1 - sigmoid(z), which is 0 from z = 17 on. This one is above 0 up to z = 103.
private func sigmoidOfNegated(_ logit: Float) -> Float { Float(1 / (1 + exp(Double(logit)))) }
