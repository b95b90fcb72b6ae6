extension HeatStatistics {
    /// Peak, centroid, hot box and spread in pixels of the original picture; all else stays.
    /// - Parameter placement: the one that these statistics were counted with: they are in cells of the network's
    ///   input, from the first cell that is not padding.
    package func inPicture(of placement: Placement) -> HeatStatistics {
        let seen = placement.seenInPicture
        let (scaleX, scaleY) = (
            Double(placement.pictureWidth) / Double(placement.scaledWidth),
            Double(placement.pictureHeight) / Double(placement.scaledHeight)
        )
        func pictureX(_ x: Double) -> Double { seen.left + x * scaleX }
        func pictureY(_ y: Double) -> Double { seen.top + y * scaleY }

        var converted = self
        converted.centroidX = centroidX.map(pictureX)
        converted.centroidY = centroidY.map(pictureY)
        converted.spreadX = spreadX.map { $0 * scaleX }
        converted.spreadY = spreadY.map { $0 * scaleY }
        if let x = converted.spreadX, let y = converted.spreadY {
            converted.spread = (x * x + y * y).squareRoot()
        }
        // The pixel that holds the centre of the hottest cell.
        converted.peakX = peakX.map { Int(pictureX(Double($0) + 0.5)) }
        converted.peakY = peakY.map { Int(pictureY(Double($0) + 0.5)) }
        converted.hotBox = hotBox.map { box in
            Box(
                left: pictureX(box.left), top: pictureY(box.top), right: pictureX(box.right),
                bottom: pictureY(box.bottom))
        }
        return converted
    }
}
