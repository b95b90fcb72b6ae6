/// Where the numbers of each box stand in a detector's output.
///
/// The output of one image holds `rows * attributes` numbers. A row is a box that the network proposes; its attributes
/// are those of the family.
package struct DetectorLayout: Equatable, Sendable {
    package let family: DetectorFamily
    package let rows: Int
    /// Numbers for each row, including those that are ignored.
    package let attributes: Int
    /// How many classes have a score. Of end-to-end networks: how many are named, 0 where none is.
    package let classes: Int
    /// The numbers of a row lie next to each other: [rows, attributes]. Otherwise [attributes, rows].
    package let isRowMajor: Bool
    package let anchorsPerCell: Int
    /// Finest first, in the order of the rows. Empty where the network has dropped boxes itself, or where the rows fit
    /// no grid and a person has named the family.
    package let levels: [PyramidLevel]

    /// What stands behind the classes: mask coefficients, keypoints, an angle.
    package var ignoredAttributes: Int {
        family == .endToEnd ? attributes - 6 : attributes - family.leadingAttributes - classes
    }

    /// The index of a number in the output of one image.
    package func element(row: Int, attribute: Int) -> Int {
        isRowMajor ? row * attributes + attribute : attribute * rows + row
    }

    /// Where the score of a class stands. An end-to-end network has but one score for each row.
    package func classElement(row: Int, class classIndex: Int) -> Int {
        element(row: row, attribute: family == .endToEnd ? 4 : family.leadingAttributes + classIndex)
    }

    /// Where it is said whether there is any object; `nil` in a family that does not say so.
    package func objectnessElement(row: Int) -> Int? {
        family == .yolov5 ? element(row: row, attribute: 4) : nil
    }

    /// The index of the level that a row comes from; `nil` where levels are not known.
    package func level(ofRow row: Int) -> Int? {
        levels.firstIndex { $0.rows.contains(row) }
    }

    /// The layout of the same network at another input size: strides, classes and anchors stay.
    /// - Parameter output: the sides of its output there, with or without the number of images.
    package func resized(
        toInput input: (width: Int, height: Int), output: [Int]
    ) throws(DetectorLayoutError) -> DetectorLayout {
        let (first, last) = try sides(ofOutput: output)
        let (newRows, newAttributes) = isRowMajor ? (first, last) : (last, first)
        let pyramid = FeaturePyramid(strides: levels.map(\.stride), input: input)
        guard newAttributes == attributes, newRows > 0 || family == .endToEnd,
            levels.isEmpty || newRows == pyramid.cells * anchorsPerCell
        else { throw .otherSize(output, input: input, layout: self) }
        return DetectorLayout(
            family: family, rows: newRows, attributes: attributes, classes: classes, isRowMajor: isRowMajor,
            anchorsPerCell: anchorsPerCell, levels: pyramid.levels(anchorsPerCell: anchorsPerCell))
    }
}

/// The two sides of the output of one image.
/// - Parameter output: with or without the number of images before them.
func sides(ofOutput output: [Int]) throws(DetectorLayoutError) -> (first: Int, last: Int) {
    switch output.count {
    case 2: (output[0], output[1])
    case 3: (output[1], output[2])
    default: throw .wrongRank(output)
    }
}
