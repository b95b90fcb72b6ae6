import Core
import Foundation
import Testing

/// Golden numbers are of numpy 2.4.6 and scipy 1.17.1, for a map `h` with N cells and p = h / sum(h):
/// h.mean(), h.std(), np.percentile(h, [50, 90, 95, 99]), -(p * np.log(p)).sum(), scipy.ndimage.label(h >= 0.5), and
/// for the rest the formulas that stand with the properties.
@Suite("HeatStatistics") struct HeatStatisticsTests {
    let small = HeatMap(
        width: 4, height: 4,
        values: [0, 0.05, 0.15, 0.2, 0.2, 0.25, 0.35, 0.4, 0.6, 0.65, 0.75, 0.8, 0.8, 0.85, 0.95, 1])

    /// 3.5 exp(-((x-10)^2 + (y-8)^2) / 18) + 2.625 exp(-(x-30)^2 / 8 - (y-20)^2 / 30), 40 x 30.
    let twoBlobs = HeatMap(
        width: 40, height: 30,
        values: (0..<1200).map { index in
            let (x, y) = (Double(index % 40), Double(index / 40))
            let first = exp(-((x - 10) * (x - 10) + (y - 8) * (y - 8)) / 18)
            let second = exp(-((x - 30) * (x - 30) / 8 + (y - 20) * (y - 20) / 30))
            return Float(3.5 * (first + 0.75 * second))
        })

    private func expect(
        _ value: Double?, near expected: Double, location: SourceLocation = #_sourceLocation
    ) throws {
        #expect(abs(try #require(value, sourceLocation: location) - expected) < 1.5e-6, sourceLocation: location)
    }

    @Test("golden: 4 x 4") func goldenSmall() throws {
        let statistics = HeatStatistics(of: small)
        #expect(statistics.rawMax == 1 && statistics.rawMin == 0)
        try expect(statistics.rawSum, near: 8)
        #expect(statistics.posFraction == 15.0 / 16)
        #expect(!statistics.zeroCAM && !statistics.nonfinite)
        try expect(statistics.heatMean, near: 0.5)
        try expect(statistics.heatStd, near: 0.325960)
        try expect(statistics.median, near: 0.5)
        try expect(statistics.p90, near: 0.9)
        try expect(statistics.p95, near: 0.9625)
        try expect(statistics.p99, near: 0.9925)
        try expect(statistics.entropy, near: 2.517544)
        try expect(statistics.entropyNorm, near: 0.908012)
        try expect(statistics.gini, near: 0.371875)
        try expect(statistics.area50, near: 0.5)
        try expect(statistics.area20, near: 0.8125)
        try expect(statistics.top10Mass, near: 0.24375)
        try expect(statistics.centroidX, near: 2.175)
        try expect(statistics.centroidY, near: 2.7)
        try expect(statistics.spread, near: 1.406903)
        #expect(statistics.peakX == 3 && statistics.peakY == 3 && statistics.nPeaks == 1)
        #expect(statistics.hotBox == Box(left: 0, top: 2, right: 4, bottom: 4))
        #expect(statistics.nComponents == 1)
        try expect(statistics.borderEnergy, near: 0.75)
        try expect(statistics.borderRatio, near: 1)
        #expect(statistics.padEnergy == nil)
        let ninths = [
            0.013889, 0.033333, 0.052778, 0.091667, 0.111111, 0.130556, 0.169444, 0.188889, 0.208333,
        ]
        for (index, expected) in ninths.enumerated() { try expect(statistics.ninths?[index], near: expected) }
    }

    @Test("golden: two blobs on 40 x 30") func goldenTwoBlobs() throws {
        let statistics = HeatStatistics(of: twoBlobs)
        #expect(statistics.rawMax == 3.5)
        #expect(abs(try #require(statistics.rawSum) - 324.308364) < 1e-4)
        try expect(statistics.heatMean, near: 0.077216)
        try expect(statistics.heatStd, near: 0.170303)
        try expect(statistics.median, near: 0.001838)
        try expect(statistics.p90, near: 0.251103)
        try expect(statistics.p95, near: 0.485672)
        try expect(statistics.p99, near: 0.800737)
        try expect(statistics.entropy, near: 5.625035)
        try expect(statistics.entropyNorm, near: 0.793367)
        try expect(statistics.gini, near: 0.829705)
        try expect(statistics.area50, near: 0.045)
        try expect(statistics.area20, near: 0.126667)
        try expect(statistics.top10Mass, near: 0.686962)
        try expect(statistics.centroidX, near: 18.325466)
        try expect(statistics.centroidY, near: 13.177505)
        try expect(statistics.spread, near: 12.122946)
        try expect(statistics.spreadX, near: 10.112815)
        try expect(statistics.spreadY, near: 6.685566)
        #expect(statistics.peakX == 10 && statistics.peakY == 8)
        #expect(statistics.hotBox == Box(left: 7, top: 5, right: 32, bottom: 24))
        #expect(statistics.nComponents == 2)
        try expect(statistics.borderEnergy, near: 0.016410)
        try expect(statistics.borderRatio, near: 0.074593)
        let ninths = [0.347625, 0.073463, 0.001253, 0.154982, 0.037907, 0.170216, 0.00003, 0.006332, 0.208193]
        for (index, expected) in ninths.enumerated() { try expect(statistics.ninths?[index], near: expected) }
    }

    @Test(
        "all numbers of the heat are missing, not zero, where there is no heat",
        arguments: [
            ([-1, -2, -3, 0], true, false, 0.0), ([1, .nan, -1, 1], false, true, 0.5),
            ([1, .infinity, -1, -1], false, true, 0.5),
        ] as [([Float], Bool, Bool, Double)])
    func withoutHeat(values: [Float], zeroCAM: Bool, nonfinite: Bool, positive: Double) throws {
        let statistics = HeatStatistics(of: HeatMap(width: 2, height: 2, values: values))
        #expect(statistics.zeroCAM == zeroCAM && statistics.nonfinite == nonfinite)
        #expect(statistics.posFraction == positive)
        let json = try JSONEncoder().encode(statistics)
        let keys = try #require(JSONSerialization.jsonObject(with: json) as? [String: Any]).keys
        let raw: Set = ["raw_max", "raw_min", "raw_sum"]
        #expect(Set(keys) == Set(["pos_fraction", "zero_cam", "nonfinite"]).union(nonfinite ? [] : raw))
    }

    @Test("the raw numbers are those before ReLU") func raw() {
        let statistics = HeatStatistics(of: HeatMap(width: 2, height: 2, values: [-4, 1, 2, -0.5]))
        #expect(statistics.rawMax == 2 && statistics.rawMin == -4 && statistics.rawSum == 3)
        #expect(statistics.posFraction == 0.5)
        #expect(statistics.heatMean == 0.375)
    }

    @Test("a constant map: every cell is a peak, nothing is concentrated") func constant() throws {
        let statistics = HeatStatistics(of: HeatMap(width: 3, height: 2, values: [2, 2, 2, 2, 2, 2]))
        #expect(statistics.nPeaks == 6 && statistics.peakX == 0 && statistics.peakY == 0)
        try expect(statistics.gini, near: 0)
        try expect(statistics.entropyNorm, near: 1)
        try expect(statistics.borderRatio, near: 1)
    }

    @Test("a single cell has numbers, too") func singleCell() throws {
        let statistics = HeatStatistics(of: HeatMap(width: 1, height: 1, values: [5]))
        #expect(statistics.entropyNorm == nil)
        #expect(statistics.entropy == 0 && statistics.spread == 0 && statistics.borderEnergy == 1)
        try expect(statistics.top10Mass, near: 1)
    }

    @Test("cells that touch at corners only are regions of their own") func corners() {
        let map = HeatMap(width: 3, height: 3, values: [1, 0, 1, 0, 1, 0, 1, 1, 0.2])
        #expect(HeatStatistics(of: map).nComponents == 4 - 1)
        let ring = HeatMap(width: 3, height: 3, values: [1, 1, 1, 1, 0, 1, 1, 1, 1])
        #expect(HeatStatistics(of: ring).nComponents == 1)
    }

    @Test("heat in the padding is counted, then cut off") func padding() throws {
        // A 4 x 2 picture in a 4 x 4 input: rows 1 and 2 show it.
        let placement = Placement(picture: (4, 2), input: (4, 4), mode: .letterbox)
        let raw = HeatMap(width: 4, height: 4, values: [3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2])
        let statistics = HeatStatistics(raw: raw, placement: placement)
        #expect(statistics.padEnergy == 5.0 / 8)
        #expect(statistics.rawMax == 3)
        #expect(statistics.peakX == 3 && statistics.peakY == 1)
        #expect(statistics.heatMean == 1.5 / 8)
    }

    @Test("heat in the padding only leaves no numbers but that") func onlyPadding() {
        let placement = Placement(picture: (4, 2), input: (4, 4), mode: .letterbox)
        var values = [Float](repeating: 0, count: 16)
        values[0] = 1
        let statistics = HeatStatistics(raw: HeatMap(width: 4, height: 4, values: values), placement: placement)
        #expect(statistics.padEnergy == 1)
        #expect(!statistics.zeroCAM && statistics.heatMean == nil && statistics.peakX == nil)
    }

    @Test("places become pixels of the original picture") func inPicture() throws {
        // Four pixels to one; 80 columns and 16 rows of the scaled picture are cut.
        let placement = Placement(
            picture: (1536, 1024), input: (224, 224), mode: .shorterSideAndCenterCrop, cropFraction: 0.875)
        var values = [Float](repeating: 0, count: 224 * 224)
        values[10 * 224 + 20] = 1
        values[10 * 224 + 22] = 1
        let counted = HeatStatistics(raw: HeatMap(width: 224, height: 224, values: values), placement: placement)
        #expect(counted.peakX == 20 && counted.peakY == 10)
        let converted = counted.inPicture(of: placement)
        // The cell's centre 20.5 lies at (20.5 + 80) x 4 = 402, 10.5 at (10.5 + 16) x 4 = 106.
        #expect(converted.peakX == 402 && converted.peakY == 106)
        try expect(converted.centroidX, near: 406)
        try expect(converted.centroidY, near: 106)
        #expect(converted.hotBox == Box(left: 400, top: 104, right: 412, bottom: 108))
        // Two cells at a distance of 2: standard deviation 1, four pixels each.
        try expect(converted.spreadX, near: 4)
        try expect(converted.spreadY, near: 0)
        try expect(converted.spread, near: 4)
        #expect(converted.nComponents == counted.nComponents && converted.heatMean == counted.heatMean)
    }

    @Test("stretched pictures have a scale for each axis") func inStretchedPicture() throws {
        let placement = Placement(picture: (400, 60), input: (40, 30), mode: .stretch)
        let converted = HeatStatistics(raw: twoBlobs, placement: placement).inPicture(of: placement)
        // 400 / 40 and 60 / 30 times what numpy says of the map itself, to six digits.
        #expect(abs(try #require(converted.spread) - hypot(10 * 10.112815, 2 * 6.685566)) < 1e-5)
        #expect(converted.peakX == 105 && converted.peakY == 17)
    }

    @Test("statistics survive JSON, and nine ninths are needed") func json() throws {
        let statistics = HeatStatistics(of: twoBlobs)
        let data = try JSONEncoder().encode(statistics)
        #expect(try JSONDecoder().decode(HeatStatistics.self, from: data) == statistics)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Ninths.self, from: Data("[1, 0]".utf8)) }
    }
}
