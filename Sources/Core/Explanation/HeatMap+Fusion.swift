extension HeatMap {
    /// One map from those of several layers: each is resized and normalised by its own maximum, and in every cell the
    /// hottest counts. Ultralytics fuses the levels of a detector in this way, and so do these maps compare with its.
    ///
    /// Layers without heat have no say.
    /// - Precondition: at least one map; sides of 1 or more.
    package static func fused(_ maps: [HeatMap], width: Int, height: Int) -> HeatMap {
        WarmHeat.fused(maps.map { WarmHeat($0.rectified) }, width: width, height: height).map
    }
}

extension WarmHeat {
    /// See `HeatMap.fused`.
    package static func fused(_ maps: [WarmHeat], width: Int, height: Int) -> WarmHeat {
        precondition(!maps.isEmpty, "at least one map")
        var hottest = [Float](repeating: 0, count: width * height)
        var box = CellBox(left: 0, top: 0, right: 0, bottom: 0)
        hottest.withUnsafeMutableBufferPointer { hottest in
            for map in maps {
                let level = map.resized(width: width, height: height)
                guard level.hasHeat else { continue }
                box = box.width > 0 ? box.union(with: level.box) : level.box
                level.map.values.withUnsafeBufferPointer { values in
                    for y in level.box.top..<level.box.bottom {
                        for index in (y * width + level.box.left)..<(y * width + level.box.right) {
                            let heat = values[index] / level.maximum
                            hottest[index] = heat > hottest[index] ? heat : hottest[index]
                        }
                    }
                }
            }
        }
        return WarmHeat(HeatMap(width: width, height: height, values: hottest), near: box)
    }
}

extension CellBox {
    /// Around both.
    fileprivate func union(with other: CellBox) -> CellBox {
        CellBox(
            left: min(left, other.left), top: min(top, other.top), right: max(right, other.right),
            bottom: max(bottom, other.bottom))
    }
}
