/// A map as it is shown: on the network's input without its padding, divided by its maximum.
package struct ShownHeat {
    /// 0...1, with a 1 in it; all zeros where nothing speaks for the class.
    package let heat: WarmHeat
    /// The share of heat in the padding, before it was cut off; `nil` for a map without heat.
    let padEnergy: Double?

    package var map: HeatMap { heat.map }

    /// - Parameter raw: before ReLU, on the layer's own grid, which covers the whole input.
    package init(raw: HeatMap, placement: Placement) {
        let picture = placement.pictureInInput
        let input = WarmHeat(raw.rectified).resized(width: placement.inputWidth, height: placement.inputHeight)
        padEnergy = input.energy(inside: Box(picture)).map { max(1 - $0, 0) }
        heat = input.cropped(to: picture).normalized
    }

    /// Of a map that is counted on its own grid.
    init(_ map: HeatMap) {
        padEnergy = nil
        heat = WarmHeat(map.rectified).normalized
    }
}
