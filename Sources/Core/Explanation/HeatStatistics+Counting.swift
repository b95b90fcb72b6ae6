import Foundation

extension HeatStatistics {
    /// Of a map that is counted on its own grid, for example a tensor's or one from paper.
    package init(of map: HeatMap) {
        self.init(raw: map, shown: map.rectified)
    }

    /// Of a map that covers the network's input: places and distribution are counted on the input's grid without the
    /// padding.
    /// - Parameter raw: before ReLU, on the layer's own grid.
    package init(raw: HeatMap, placement: Placement) {
        let map = raw.rectified.resized(width: placement.inputWidth, height: placement.inputHeight)
        self.init(raw: raw, shown: map.cropped(to: placement.pictureInInput))
        padEnergy = energy(of: map, inside: Box(placement.pictureInInput)).map { max(1 - $0, 0) }
    }

    /// - Parameters:
    ///   - raw: before ReLU.
    ///   - shown: rectified, what of it lies in the picture.
    private init(raw: HeatMap, shown: HeatMap) {
        nonfinite = !raw.isFinite
        zeroCAM = !nonfinite && raw.maximum <= 0
        posFraction = Double(raw.values.count { $0 > 0 }) / Double(raw.values.count)
        if !nonfinite {
            rawMax = Double(raw.maximum)
            rawMin = raw.values.min().map(Double.init)
            rawSum = raw.values.reduce(0) { $0 + Double(max($1, 0)) }
        }
        guard shown.hasHeat else { return }
        let heat = shown.normalized
        countDistribution(of: heat)
        countPlaces(of: heat)
        countShares(of: heat)
    }

    private mutating func countDistribution(of heat: HeatMap) {
        let count = Double(heat.values.count)
        let sorted = SortedHeat(heat.values)
        let sum = sorted.sum
        let mean = sum / count
        var squares = 0.0
        var entropy = 0.0
        for value in heat.values where value > 0 {
            let share = Double(value) / sum
            entropy -= share * log(share)
        }
        for value in heat.values {
            let deviation = Double(value) - mean
            squares += deviation * deviation
        }
        heatMean = mean
        heatStd = (squares / count).squareRoot()
        median = sorted.percentile(50)
        p90 = sorted.percentile(90)
        p95 = sorted.percentile(95)
        p99 = sorted.percentile(99)
        self.entropy = entropy
        entropyNorm = count > 1 ? entropy / log(count) : nil
        gini = sorted.gini
        area50 = sorted.shareOfCells(reaching: 0.5)
        area20 = sorted.shareOfCells(reaching: 0.2)
        top10Mass = sorted.shareOfHeat(inHottest: (heat.values.count + 9) / 10)
    }

    private mutating func countPlaces(of heat: HeatMap) {
        var sum = 0.0
        var (sumX, sumY, sumXX, sumYY) = (0.0, 0.0, 0.0, 0.0)
        var index = 0
        for row in 0..<heat.height {
            let y = Double(row) + 0.5
            for column in 0..<heat.width {
                let value = Double(heat.values[index])
                let x = Double(column) + 0.5
                index += 1
                sum += value
                sumX += value * x
                sumY += value * y
                sumXX += value * x * x
                sumYY += value * y * y
            }
        }
        let (centerX, centerY) = (sumX / sum, sumY / sum)
        let varianceX = max(sumXX / sum - centerX * centerX, 0)
        let varianceY = max(sumYY / sum - centerY * centerY, 0)
        (centroidX, centroidY) = (centerX, centerY)
        (spreadX, spreadY) = (varianceX.squareRoot(), varianceY.squareRoot())
        spread = (varianceX + varianceY).squareRoot()

        let hottest = heat.maximum
        if let peak = heat.values.firstIndex(of: hottest) {
            (peakX, peakY) = (peak % heat.width, peak / heat.width)
        }
        nPeaks = heat.values.count { $0 == hottest }
        let regions = Regions(of: heat, reaching: 0.5)
        hotBox = Box(regions.box)
        nComponents = regions.count
    }

    private mutating func countShares(of heat: HeatMap) {
        let (width, height) = (Double(heat.width), Double(heat.height))
        let inner = Box(
            left: ringThickness(width), top: ringThickness(height), right: width - ringThickness(width),
            bottom: height - ringThickness(height))
        let ring = max(1 - (energy(of: heat, inside: inner) ?? 0), 0)
        borderEnergy = ring
        borderRatio = ring / (1 - inner.area / (width * height))
        ninths = Ninths(of: heat)
    }
}

/// 5 % of a side in whole cells, at least one.
private func ringThickness(_ side: Double) -> Double { max((side * 0.05).rounded(), 1) }
