import Testing

@testable import Core

@Suite("HeatMap") struct HeatMapTests {
    private func isNear(_ values: [Float], _ expected: [Float], within tolerance: Float = 1e-6) -> Bool {
        values.count == expected.count && zip(values, expected).allSatisfy { abs($0 - $1) <= tolerance }
    }

    @Test("a map is divided by its maximum, exactly and without epsilon", arguments: [1, 1e-8, 1e-30, 1e30] as [Float])
    func normalized(scale: Float) {
        // Raw Grad-CAM of a network with one convolution, from captum: 11.25 13.5 20.25 22.5.
        let map = HeatMap(width: 2, height: 2, values: [11.25, -13.5, 20.25, 22.5].map { $0 * scale })
        let normalized = WarmHeat(map.rectified).normalized
        #expect(isNear(normalized.map.values, [0.5, 0, 0.9, 1]))
        #expect(normalized.maximum == 1)
    }

    @Test(
        "a map without heat, or with a value that is no number, becomes zeros",
        arguments: [
            [0, 0, 0, 0], [-1, -2, -3, -4], [1, .nan, 2, 3], [.nan, 1, 2, 3], [1, 2, 3, .infinity],
            [-.infinity, 1, 2, 3],
        ] as [[Float]])
    func withoutHeat(values: [Float]) {
        let heat = WarmHeat(HeatMap(width: 2, height: 2, values: values).rectified)
        #expect(!heat.hasHeat)
        #expect(heat.normalized.map.values == [0, 0, 0, 0])
    }

    @Test("a constant map is full heat everywhere, not 0 / 0") func constant() {
        let map = HeatMap(width: 2, height: 2, values: [0.25, 0.25, 0.25, 0.25])
        #expect(WarmHeat(map).normalized.map.values == [1, 1, 1, 1])
    }

    @Test("not a number is the maximum, wherever it stands") func maximum() {
        #expect(HeatMap(width: 3, height: 1, values: [-3, -1, -2]).maximum == -1)
        #expect(HeatMap(width: 3, height: 1, values: [.nan, 1, 2]).maximum.isNaN)
        #expect(HeatMap(width: 3, height: 1, values: [1, 2, .nan]).maximum.isNaN)
    }

    @Test("resizing is torch's and OpenCV's bilinear, corners not aligned") func resized() {
        // Both from the one-convolution network: Grad-CAM at conv1 and at relu1, torch and cv2 alike.
        let convolution = HeatMap(width: 2, height: 2, values: [0, 0.2, 0.8, 1])
        #expect(
            isNear(
                convolution.resized(width: 4, height: 4).values,
                [0, 0.05, 0.15, 0.2, 0.2, 0.25, 0.35, 0.4, 0.6, 0.65, 0.75, 0.8, 0.8, 0.85, 0.95, 1]))
        let rectified = HeatMap(width: 2, height: 2, values: [0, 4, 28, 32.5])
        #expect(
            isNear(
                WarmHeat(rectified.resized(width: 4, height: 4)).normalized.map.values,
                [
                    0, 0.030769, 0.092308, 0.123077, 0.215385, 0.247115, 0.310577, 0.342308,
                    0.646154, 0.679808, 0.747115, 0.780769, 0.861538, 0.896154, 0.965384, 1,
                ], within: 2e-6))
    }

    @Test("sides that do not divide, and shrinking, are OpenCV's too") func oddResizing() {
        // cv2.resize(np.float32([[1, 2, 3], [7, 5, 6]]), (5, 4)) and (2, 1)
        let map = HeatMap(width: 3, height: 2, values: [1, 2, 3, 7, 5, 6])
        #expect(
            isNear(
                map.resized(width: 5, height: 4).values,
                [
                    1, 1.4, 2, 2.6, 3, 2.5, 2.6, 2.75, 3.35, 3.75, 5.5, 5, 4.25, 4.85, 5.25, 7, 6.2, 5, 5.6, 6,
                ]))
        #expect(isNear(map.resized(width: 2, height: 1).values, [3.875, 4.25]))
        #expect(map.resized(width: 3, height: 2) == map)
    }

    @Test("a crop keeps the cells of its rectangle") func cropped() {
        let map = HeatMap(width: 4, height: 3, values: (0..<12).map(Float.init))
        let part = map.cropped(to: CellBox(left: 1, top: 1, right: 3, bottom: 3))
        #expect(part == HeatMap(width: 2, height: 2, values: [5, 6, 9, 10]))
    }

    @Test("fusion takes the hottest of all layers, each by its own maximum") func fused() {
        let weak = HeatMap(width: 2, height: 1, values: [0.001, 0])
        let strong = HeatMap(width: 2, height: 1, values: [50, 100])
        let empty = HeatMap(width: 1, height: 1, values: [-3])
        let broken = HeatMap(width: 1, height: 1, values: [.nan])
        let fused = HeatMap.fused([weak, strong, empty, broken], width: 2, height: 1)
        #expect(fused.values == [1, 1])
        #expect(HeatMap.fused([strong, empty], width: 2, height: 1).values == [0.5, 1])
        #expect(HeatMap.fused([empty], width: 2, height: 1).values == [0, 0])
    }

    @Test("fusion normalises after resizing, so that every layer reaches 1") func fusedAfterResizing() {
        // Resized from two cells to three, the middle is 0.5.
        let map = HeatMap(width: 2, height: 1, values: [0, 8])
        #expect(HeatMap.fused([map], width: 3, height: 1).values == [0, 0.5, 1])
        // Resized from three cells to two, the peak of 6 becomes 4.5 in both: 1 after normalising.
        let peak = HeatMap(width: 3, height: 1, values: [0, 6, 0])
        #expect(HeatMap.fused([peak], width: 2, height: 1).values == [1, 1])
    }
}
