/// Energy-based pointing game: the share of heat inside `box` (Wang et al. 2020, arXiv 1910.01279).
/// Cells that the box covers in part count in part.
/// - Parameter box: in cells of the map; what lies outside the map holds nothing.
/// - Returns: 0...1, or `nil` for a map without heat.
package func energy(of map: HeatMap, inside box: Box) -> Double? {
    WarmHeat(map.rectified).energy(inside: box)
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
