/// Energy-based pointing game: the share of heat inside `box` (Wang et al. 2020, arXiv 1910.01279).
/// Cells that the box covers in part count in part.
/// - Parameter box: in cells of the map; what lies outside the map holds nothing.
/// - Returns: 0...1, or `nil` for a map without heat.
package func energy(of map: HeatMap, inside box: Box) -> Double? {
    guard map.hasHeat else { return nil }
    return heat(of: map, inside: box) / map.values.reduce(0) { $0 + Double(max($1, 0)) }
}

/// Energy inside `box` by the box's share of the map's area: 1 where heat is spread evenly, whatever the box's size.
/// - Returns: 0 or more, or `nil` for a map without heat or a box that covers nothing of it.
package func energyRatio(of map: HeatMap, inside box: Box) -> Double? {
    let area = areaShare(of: map, inside: box)
    guard area > 0, let energy = energy(of: map, inside: box) else { return nil }
    return energy / area
}

/// The share of the map's area inside `box`, 0...1.
func areaShare(of map: HeatMap, inside box: Box) -> Double {
    box.clipped(toWidth: Double(map.width), height: Double(map.height)).area / Double(map.width * map.height)
}

/// The sum of what is above 0 inside `box`.
func heat(of map: HeatMap, inside box: Box) -> Double {
    let columns = coverage(of: box.left, box.right, count: map.width)
    let rows = coverage(of: box.top, box.bottom, count: map.height)
    guard let left = columns.firstIndex(where: { $0 > 0 }), let right = columns.lastIndex(where: { $0 > 0 }) else {
        return 0
    }
    var sum = 0.0
    for (y, share) in rows.enumerated() where share > 0 {
        let line = y * map.width
        for x in left...right {
            sum += Double(max(map.values[line + x], 0)) * columns[x] * share
        }
    }
    return sum
}

/// How much of each of `count` unit cells lies between `start` and `end`, 0...1.
private func coverage(of start: Double, _ end: Double, count: Int) -> [Double] {
    (0..<count).map { cell in
        max(min(end, Double(cell + 1)) - max(start, Double(cell)), 0)
    }
}
