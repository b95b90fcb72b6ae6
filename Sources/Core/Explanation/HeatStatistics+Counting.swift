import Foundation

extension HeatStatistics {
    /// Of a map that is counted on its own grid, for example a tensor's or one from paper.
    package init(of map: HeatMap) {
        self.init(raw: map, shown: ShownHeat(map))
    }

    /// Of a map that covers the network's input: places and distribution are counted on the input's grid without the
    /// padding.
    /// - Parameter raw: before ReLU, on the layer's own grid.
    package init(raw: HeatMap, placement: Placement) {
        self.init(raw: raw, shown: ShownHeat(raw: raw, placement: placement))
    }

    /// - Parameters:
    ///   - raw: before ReLU.
    ///   - shown: made of it.
    package init(raw: HeatMap, shown: ShownHeat) {
        nonfinite = !raw.isFinite
        zeroCAM = !nonfinite && raw.maximum <= 0
        posFraction = Double(raw.values.count { $0 > 0 }) / Double(raw.values.count)
        if !nonfinite {
            rawMax = Double(raw.maximum)
            rawMin = raw.values.min().map(Double.init)
            rawSum = raw.values.reduce(0) { $0 + Double(max($1, 0)) }
        }
        padEnergy = shown.padEnergy
        guard shown.heat.hasHeat else { return }
        countDistribution(of: shown.heat)
        countPlaces(of: shown.heat)
        countShares(of: shown.heat)
    }

    private mutating func countDistribution(of heat: WarmHeat) {
        let count = heat.map.values.count
        let sorted = SortedHeat(positive: heat.positiveValues, of: count)
        heatMean = sorted.sum / Double(count)
        heatStd = sorted.standardDeviation
        median = sorted.percentile(50)
        p90 = sorted.percentile(90)
        p95 = sorted.percentile(95)
        p99 = sorted.percentile(99)
        let entropy = sorted.entropy
        self.entropy = entropy
        entropyNorm = count > 1 ? entropy / log(Double(count)) : nil
        gini = sorted.gini
        area50 = sorted.shareOfCells(reaching: 0.5)
        area20 = sorted.shareOfCells(reaching: 0.2)
        top10Mass = sorted.shareOfHeat(inHottest: (count + 9) / 10)
    }

    private mutating func countPlaces(of heat: WarmHeat) {
        let (columns, rows) = heat.sumsByLine
        let (x, y) = (Moments(of: columns, from: heat.box.left), Moments(of: rows, from: heat.box.top))
        (centroidX, centroidY) = (x.mean, y.mean)
        (spreadX, spreadY) = (x.variance.squareRoot(), y.variance.squareRoot())
        spread = (x.variance + y.variance).squareRoot()

        let hottest = heat.peaks
        (peakX, peakY, nPeaks) = (hottest.x, hottest.y, hottest.count)
        let regions = Regions(of: heat, reaching: 0.5)
        hotBox = Box(regions.box)
        nComponents = regions.count
    }

    private mutating func countShares(of heat: WarmHeat) {
        let (width, height) = (Double(heat.map.width), Double(heat.map.height))
        let inner = Box(
            left: ringThickness(width), top: ringThickness(height), right: width - ringThickness(width),
            bottom: height - ringThickness(height))
        let ring = max(1 - (heat.energy(inside: inner) ?? 0), 0)
        borderEnergy = ring
        borderRatio = ring / (1 - inner.area / (width * height))
        ninths = Ninths(of: heat)
    }
}

/// Where the heat of lines lies along one side.
private struct Moments {
    let mean: Double
    let variance: Double

    /// - Parameter first: number of the first line; its middle is half a cell further.
    init(of lines: [Double], from first: Int) {
        var (sum, weighted, squared) = (0.0, 0.0, 0.0)
        for (index, heat) in lines.enumerated() {
            let place = Double(first + index) + 0.5
            sum += heat
            weighted += heat * place
            squared += heat * place * place
        }
        mean = weighted / sum
        variance = max(squared / sum - mean * mean, 0)
    }
}

/// 5 % of a side in whole cells, at least one.
private func ringThickness(_ side: Double) -> Double { max((side * 0.05).rounded(), 1) }
