/// What a row of a detector's output says: there is an object of this class in this box.
package struct DetectedBox: Equatable, Sendable {
    package let row: Int
    package let classIndex: Int
    /// What is compared with the threshold and logged: objectness times the class's score, or that alone. 0...1.
    package let score: Float
    package let classScore: Float
    /// `nil` in a family that does not say so.
    package let objectness: Float?
    /// In pixels of the network's input. Networks may place it partly outside.
    package let box: Box

    package init(row: Int, classIndex: Int, score: Float, classScore: Float, objectness: Float?, box: Box) {
        self.row = row
        self.classIndex = classIndex
        self.score = score
        self.classScore = classScore
        self.objectness = objectness
        self.box = box
    }
}

extension DetectedBox {
    /// What one row says of one class, whatever the thresholds.
    /// - Parameters:
    ///   - output: of one image, `layout.rows * layout.attributes` values.
    ///   - classIndex: `nil` for the row's best class. An end-to-end network gives each row one class only.
    /// - Returns: `nil` where there is no such row or class, or a value is infinite or not a number.
    package init?(in output: [Float], layout: DetectorLayout, row: Int, class classIndex: Int? = nil) {
        precondition(output.count == layout.rows * layout.attributes, "the output of one image")
        guard 0..<layout.rows ~= row else { return nil }
        let values = RowValues(output: output, layout: layout, row: row)
        guard let said = values.classIndex ?? classIndex ?? values.bestClass, said == classIndex ?? said else {
            return nil
        }
        self.init(values, class: said)
    }

    init?(_ values: RowValues, class classIndex: Int) {
        let box = values.box
        guard values.areFinite, values.has(class: classIndex),
            box.left.isFinite, box.top.isFinite, box.right.isFinite, box.bottom.isFinite
        else { return nil }
        let classScore = values.score(ofClass: classIndex)
        self.init(
            row: values.row, classIndex: classIndex, score: values.objectness.map { $0 * classScore } ?? classScore,
            classScore: classScore, objectness: values.objectness, box: box)
    }
}

/// The numbers of one row, by their meaning.
struct RowValues {
    let output: [Float]
    let layout: DetectorLayout
    let row: Int

    subscript(attribute: Int) -> Float { output[layout.element(row: row, attribute: attribute)] }

    var objectness: Float? { layout.objectnessElement(row: row).map { output[$0] } }

    func score(ofClass classIndex: Int) -> Float { output[layout.classElement(row: row, class: classIndex)] }

    /// The class that an end-to-end network has chosen; -1 where it is no number.
    var classIndex: Int? {
        guard layout.family == .endToEnd else { return nil }
        return Int(exactly: self[5].rounded()) ?? -1
    }

    /// The first of those with the highest score, as `torch.max` has it. Compared is what is thresholded: products,
    /// for rounding can make them equal where their factors are not.
    var bestClass: Int? {
        let objectness = objectness ?? 1
        var best: (index: Int, score: Float)?
        for index in 0..<layout.classes {
            let score = score(ofClass: index) * objectness
            if best.map({ score > $0.score }) ?? true { best = (index, score) }
        }
        return best?.index
    }

    /// Of an end-to-end network whose classes have no names, any class will do.
    func has(class classIndex: Int) -> Bool {
        classIndex >= 0 && (classIndex < layout.classes || (layout.family == .endToEnd && layout.classes == 0))
    }

    /// No value that is read is infinite or not a number.
    var areFinite: Bool {
        (0..<(layout.attributes - layout.ignoredAttributes)).allSatisfy { self[$0].isFinite }
    }

    /// Computed as the reference implementations do, in single precision: they compare areas of just these edges.
    var box: Box {
        if layout.family == .endToEnd {
            return Box(left: Double(self[0]), top: Double(self[1]), right: Double(self[2]), bottom: Double(self[3]))
        }
        let (x, y, halfWidth, halfHeight) = (self[0], self[1], self[2] / 2, self[3] / 2)
        return Box(
            left: Double(x - halfWidth), top: Double(y - halfHeight), right: Double(x + halfWidth),
            bottom: Double(y + halfHeight))
    }
}
