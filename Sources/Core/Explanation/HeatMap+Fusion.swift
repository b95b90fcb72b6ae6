extension HeatMap {
    /// One map from those of several layers: each is resized and normalised by its own maximum, and in every cell the
    /// hottest counts. Ultralytics fuses the levels of a detector in this way, and so do these maps compare with its.
    ///
    /// Layers without heat have no say.
    /// - Precondition: at least one map; sides of 1 or more.
    package static func fused(_ maps: [HeatMap], width: Int, height: Int) -> HeatMap {
        precondition(!maps.isEmpty, "at least one map")
        var hottest = [Float](repeating: 0, count: width * height)
        for map in maps {
            let level = map.rectified.resized(width: width, height: height).normalized
            for index in hottest.indices { hottest[index] = max(hottest[index], level.values[index]) }
        }
        return HeatMap(width: width, height: height, values: hottest)
    }

    /// The map on the grid of the network's input, without the cells that hold padding.
    /// - Precondition: the map covers the whole input, on any grid.
    package func withoutPadding(_ placement: Placement) -> HeatMap {
        resized(width: placement.inputWidth, height: placement.inputHeight).cropped(to: placement.pictureInInput)
    }
}
