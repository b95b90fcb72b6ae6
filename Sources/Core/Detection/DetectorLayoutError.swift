/// Why a detector's output cannot be read.
package struct DetectorLayoutError: Error, Equatable, Sendable {
    /// One sentence: the shape that was seen, and what it was compared with.
    package let message: String
    package let remedy: String

    static func wrongRank(_ output: [Int]) -> DetectorLayoutError {
        DetectorLayoutError(
            message: "The output has the shape \(shape(output)), but a detector's has three sides: \(knownShapes).",
            remedy: namingTheLayout)
    }

    static func unknownShape(
        _ output: [Int], pyramids: [FeaturePyramid], measured: Bool, input: (width: Int, height: Int)
    ) -> DetectorLayoutError {
        let grids = pyramids.map { pyramid in
            pyramid.grids.map { "\($0.width)x\($0.height)" }.joined(separator: " + ") + " = \(pyramid.cells) cells"
        }
        let origin = measured ? "of the network" : "that detectors usually have"
        return DetectorLayoutError(
            message: """
                The output \(shape(output)) has no side that fits the grids \(origin) at the input \
                \(input.width)x\(input.height): \(grids.joined(separator: ", or ")). Known are \(knownShapes).
                """,
            remedy: namingTheLayout)
    }

    static func tooFewAttributes(_ output: [Int], attributes: Int, classes: Int) -> DetectorLayoutError {
        DetectorLayoutError(
            message: """
                The output \(shape(output)) has \(attributes) numbers for each box, too few for a box and \
                \(classes) \(classes == 1 ? "class" : "classes"). Known are \(knownShapes).
                """,
            remedy: "Give as many labels as the network has classes, or none. \(namingTheLayout)")
    }

    static func otherSize(_ output: [Int], input: (width: Int, height: Int), layout: DetectorLayout)
        -> DetectorLayoutError
    {
        DetectorLayoutError(
            message: """
                The output \(shape(output)) at the input \(input.width)x\(input.height) does not have the layout \
                that it had at another size: \(layout.attributes) numbers for each box, \(layout.rows) boxes.
                """,
            remedy: "Use the input size that the model was exported with.")
    }
}

private let knownShapes = """
    [N, rows, 5 + classes] of YOLOv5, [N, 4 + classes, rows] of YOLOv8/11, and [N, boxes, 6] of end-to-end networks
    """

private let namingTheLayout =
    "Name the layout in the model card: detection.layout; `gradcam inspect` shows what the network has."

/// "1x84x8400"
private func shape(_ sides: [Int]) -> String {
    sides.isEmpty ? "of a single number" : sides.map(String.init).joined(separator: "x")
}
