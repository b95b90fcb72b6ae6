import Core

/// One thing that the network says of a picture, and how to differentiate it.
struct Candidate: Equatable {
    /// Where a detector sees it.
    struct Object: Equatable {
        let detected: DetectedBox
        /// In pixels of the picture, cut off at its edges.
        let box: Box
    }

    let classIndex: Int
    let label: String
    /// 0...1.
    let score: Double
    /// What is differentiated.
    let value: Float
    let target: LogitSum
    /// `nil`: the picture as a whole.
    let object: Object?

    /// The probability is 1 in float32: the output alone has no gradient left.
    var saturated: Bool { Float(score) >= 1 }
}
