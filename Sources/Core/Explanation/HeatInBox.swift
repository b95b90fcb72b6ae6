/// How the heat of one detection agrees with the boxes: its own and those of the other detections.
///
/// All is `nil` for a map without heat: zeros would drag averages down. JSON leaves `nil` out.
package struct HeatInBox: Codable, Equatable, Sendable {
    /// Share of the heat inside the box, 0...1: the energy-based pointing game (Wang et al. 2020, arXiv 1910.01279).
    package var energyInBox: Double?
    /// By the box's share of the area: 1 where heat is spread evenly. `nil` where the box lies beside the map.
    package var energyRatio: Double?
    /// The centre of a hottest cell lies in the box: the pointing game (Zhang et al. 2016, arXiv 1608.00507). Of
    /// several equally hot ones any will do.
    package var pointingHit: Bool?
    /// Intersection over union of the box and that around all cells of at least half of the maximum, 0...1.
    package var iouHotBox: Double?
    /// Of the heat inside any box, the share that lies outside the own one: the object discrimination index of ODAM
    /// (Zhao & Chan 2023, arXiv 2304.06354). 0...1, 0 is best; `nil` where no box holds heat.
    package var otherEnergy: Double?

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case energyInBox = "energy_in_box"
        case energyRatio = "energy_ratio"
        case pointingHit = "pointing_hit"
        case iouHotBox = "iou_hot_box"
        case otherEnergy = "other_energy"
    }

    /// - Parameters:
    ///   - shown: rectified, without padding.
    ///   - hotBox: around the cells of at least half of the maximum.
    ///   - box: of the detection that the map explains.
    ///   - others: of all other detections, whatever their class.
    /// All boxes are finite, in cells of `shown`; what lies outside it holds nothing.
    package init(shown: WarmHeat, hotBox: Box?, box: Box, others: [Box]) {
        guard shown.hasHeat else { return }
        let visible = box.clipped(toWidth: Double(shown.map.width), height: Double(shown.map.height))
        let area = areaShare(of: shown.map, inside: visible)
        energyInBox = shown.energy(inside: visible)
        energyRatio = area > 0 ? energyInBox.map { $0 / area } : nil
        pointingHit = holdsHottestCell(of: shown, visible)
        iouHotBox = hotBox.map { $0.iou(with: visible) }
        otherEnergy = otherShare(of: shown, own: visible, others: others)
    }
}

/// The share of the map's area that the box covers, 0...1.
private func areaShare(of map: HeatMap, inside visible: Box) -> Double {
    visible.area / Double(map.width * map.height)
}

private func holdsHottestCell(of heat: WarmHeat, _ box: Box) -> Bool {
    let cells = CellBox(centersIn: box).intersection(with: heat.box)
    let (values, width) = (heat.map.values, heat.map.width)
    return (cells.top..<cells.bottom).contains { y in
        values[(y * width + cells.left)..<(y * width + cells.right)].contains(heat.maximum)
    }
}

/// Cells count where their centre lies in a box, whole: boxes overlap, and only centres make their union simple. The
/// map is read once, however many boxes there are.
private func otherShare(of heat: WarmHeat, own: Box, others: [Box]) -> Double? {
    let map = heat.map
    let ownCells = CellBox(centersIn: own).intersection(with: heat.box)
    var union = BoxUnion(in: heat.box)
    for other in others {
        union.add(CellBox(centersIn: other.clipped(toWidth: Double(map.width), height: Double(map.height))))
    }
    var (insideOwn, outsideOwn) = (0.0, 0.0)
    map.values.withUnsafeBufferPointer { values in
        union.forEachRow { y, isCovered in
            let isOwnRow = ownCells.top <= y && y < ownCells.bottom
            let line = y * map.width
            for x in heat.box.left..<heat.box.right {
                if isOwnRow, ownCells.left <= x, x < ownCells.right {
                    insideOwn += Double(values[line + x])
                } else if isCovered[x - heat.box.left] > 0 {
                    outsideOwn += Double(values[line + x])
                }
            }
        }
    }
    let inside = insideOwn + outsideOwn
    return inside > 0 ? outsideOwn / inside : nil
}

/// How many boxes cover each cell of a part of the map, from their corners alone: each box is noted where it begins and
/// ends, and the sums of the notes are the counts.
private struct BoxUnion {
    private let part: CellBox
    private var changes: [Int32]

    init(in part: CellBox) {
        self.part = part
        changes = Array(repeating: 0, count: (part.width + 1) * (part.height + 1))
    }

    mutating func add(_ box: CellBox) {
        let box = box.moved(into: part)
        guard box.width > 0, box.height > 0 else { return }
        let line = part.width + 1
        changes[box.top * line + box.left] += 1
        changes[box.top * line + box.right] -= 1
        changes[box.bottom * line + box.left] -= 1
        changes[box.bottom * line + box.right] += 1
    }

    /// - Parameter body: takes the row, and of each of its cells in the part the count.
    func forEachRow(_ body: (Int, UnsafeMutableBufferPointer<Int32>) -> Void) {
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: part.width) { counts in
            counts.initialize(repeating: 0)
            for y in 0..<part.height {
                var change: Int32 = 0
                for x in 0..<part.width {
                    change += changes[y * (part.width + 1) + x]
                    counts[x] += change
                }
                body(part.top + y, counts)
            }
        }
    }
}

extension CellBox {
    /// The cells whose centres lie in a box, half-open.
    fileprivate init(centersIn box: Box) {
        // The first cell whose centre is at the edge or beyond it.
        func cell(from edge: Double) -> Int { Int((edge - 0.5).rounded(.up)) }
        let (left, top) = (cell(from: box.left), cell(from: box.top))
        self.init(
            left: left, top: top, right: max(cell(from: box.right), left), bottom: max(cell(from: box.bottom), top))
    }
}
