extension DetectorLayout {
    /// Reads the layout off the shape of the output.
    ///
    /// What decides is whether a side has as many rows as the network's grids have cells:
    /// - one row for each cell: YOLOv8, whichever side it is; but a row-major one with exactly 5 numbers more than
    ///   there are classes has objectness (YOLOX), and is read as YOLOv5 with a single anchor
    /// - several rows for each cell: YOLOv5
    /// - no such side, and 6 numbers in the last: end-to-end
    ///
    /// - Parameters:
    ///   - output: the sides of the output, with or without the number of images.
    ///   - levelGrids: as measured in the network, finest first. Empty where they are not known: then those that
    ///     published networks have at this input size.
    ///   - input: pixels, at which `output` and `levelGrids` were measured.
    ///   - classCount: how many classes have names; what stands behind them is ignored. `nil`: all that remains are
    ///     classes.
    ///   - isEndToEnd: what the exporter wrote into the file: the network itself drops boxes that overlap, by training
    ///     or by an exported non-maximum suppression.
    ///   - family: what a person says. It goes before everything else, also where the rows fit no grid.
    package init(
        recognising output: [Int], levelGrids: [(width: Int, height: Int)], input: (width: Int, height: Int),
        classCount: Int?, isEndToEnd: Bool?, family: DetectorFamily?
    ) throws(DetectorLayoutError) {
        let (first, last) = try sides(ofOutput: output)
        let pyramids =
            levelGrids.isEmpty
            ? FeaturePyramid.published(input: input) : [FeaturePyramid(grids: levelGrids, input: input)]
        let named = classCount.flatMap { $0 > 0 ? $0 : nil }
        let readings = readings(
            first: first, last: last, pyramids: pyramids, classCount: named, isEndToEnd: isEndToEnd == true,
            family: family)
        guard let closest = readings.first else {
            throw .unknownShape(output, pyramids: pyramids, measured: !levelGrids.isEmpty, input: input)
        }
        guard let reading = readings.first(where: { $0.holds(classes: named) }) else {
            throw .tooFewAttributes(output, attributes: closest.attributes, classes: named ?? 1)
        }
        let remaining = reading.family == .endToEnd ? 0 : reading.attributes - reading.family.leadingAttributes
        self.init(
            family: reading.family, rows: reading.rows, attributes: reading.attributes,
            classes: named ?? remaining, isRowMajor: reading.isRowMajor, anchorsPerCell: reading.anchorsPerCell,
            levels: reading.pyramid?.levels(anchorsPerCell: reading.anchorsPerCell) ?? [])
    }
}

/// A way to read an output, before it is known whether the classes find room in it.
private struct Reading {
    var family: DetectorFamily
    var rows: Int
    var attributes: Int
    var isRowMajor: Bool
    var anchorsPerCell = 1
    var pyramid: FeaturePyramid?

    func holds(classes: Int?) -> Bool {
        let needed = family == .endToEnd ? 0 : classes ?? 1
        // A network that drops boxes itself may find none.
        return (rows > 0 || family == .endToEnd) && attributes >= family.leadingAttributes + needed
    }
}

/// All ways to read an output, likeliest first.
private func readings(
    first: Int, last: Int, pyramids: [FeaturePyramid], classCount: Int?, isEndToEnd: Bool, family: DetectorFamily?
) -> [Reading] {
    let endToEnd = Reading(family: .endToEnd, rows: first, attributes: last, isRowMajor: true)
    if family == .endToEnd { return [endToEnd] }
    let fitting = ordered(
        pyramids.flatMap { pyramid in
            readings(first: first, last: last, pyramid: pyramid, classCount: classCount, family: family)
        })
    if let family {
        guard fitting.isEmpty else { return fitting }
        // No grid helps to tell the sides apart: there are more boxes than numbers for each.
        let isRowMajor = family == .yolov8 ? first > last : first >= last
        return [
            Reading(
                family: family, rows: max(first, last), attributes: min(first, last), isRowMajor: isRowMajor)
        ]
    }
    // A network whose last side has a box for each cell was exported without its last step, whatever the file says.
    if isEndToEnd, !fitting.contains(where: { !$0.isRowMajor }) { return [endToEnd] }
    return fitting.isEmpty && last == 6 ? [endToEnd] : fitting
}

/// The ways in which the rows of an output fit the cells.
private func readings(
    first: Int, last: Int, pyramid: FeaturePyramid, classCount: Int?, family: DetectorFamily?
) -> [Reading] {
    [(last, first, false), (first, last, true)].compactMap { rows, attributes, isRowMajor in
        guard let anchors = pyramid.anchorsPerCell(rows: rows) else { return nil }
        // [N, 5 + classes, rows] is no sign of objectness: rotated boxes have an angle behind their classes.
        let hasObjectness = anchors > 1 || (isRowMajor && classCount == attributes - 5)
        return Reading(
            family: family ?? (hasObjectness ? .yolov5 : .yolov8), rows: rows, attributes: attributes,
            isRowMajor: isRowMajor, anchorsPerCell: anchors, pyramid: pyramid)
    }
}

/// Several readings can fit: at small inputs, numbers are multiples of the cells as well, and one pyramid's cells of
/// another's. One row for each cell is likelier than several, and of these the form that the exporters write.
private func ordered(_ readings: [Reading]) -> [Reading] {
    let single = readings.filter { $0.anchorsPerCell == 1 }
    let several = readings.filter { $0.anchorsPerCell > 1 }
    return single + several.filter(\.isRowMajor) + several.filter { !$0.isRowMajor }
}
