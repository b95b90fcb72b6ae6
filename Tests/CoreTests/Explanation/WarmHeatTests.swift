import Testing

@testable import Core

/// What is counted near the heat alone is what is counted cell by cell over the whole map.
@Suite("WarmHeat") struct WarmHeatTests {
    /// Two spots of whole numbers in a large cold map: sums are exact.
    private static let map = HeatMap(
        width: 61, height: 47,
        values: (0..<(61 * 47)).map { cell in
            let (x, y) = (cell % 61, cell / 61)
            let isSpot =
                (20..<29).contains(x) && (11..<17).contains(y) || (33..<35).contains(x) && (13..<30).contains(y)
            return isSpot ? Float((x * 7 + y * 3) % 11) : 0
        })

    @Test("the box holds all heat, and no line of it is cold at the edge") func box() {
        let heat = WarmHeat(Self.map)
        #expect(heat.box == CellBox(left: 20, top: 11, right: 35, bottom: 30))
        #expect(heat.sum == Self.map.values.reduce(0) { $0 + Double($1) })
        #expect(heat.maximum == Self.map.values.max())
        #expect(heat.positiveValues == Self.map.values.filter { $0 > 0 })
    }

    @Test("heat in a rectangle: cells in whole and in part", arguments: 0..<200) func rectangles(seed: Int) {
        var random = SplitMix(state: UInt64(seed))
        // Quarters of cells, also beyond the map and turned round.
        func edge(_ cells: Int) -> Double { Double(Int(random.next() % UInt64(4 * cells + 40)) - 20) / 4 }
        let box = Box(left: edge(61), top: edge(47), right: edge(61), bottom: edge(47))
        var expected = 0.0
        for y in 0..<47 {
            for x in 0..<61 {
                let across = max(min(box.right, Double(x + 1)) - max(box.left, Double(x)), 0)
                let down = max(min(box.bottom, Double(y + 1)) - max(box.top, Double(y)), 0)
                expected += Double(Self.map[x, y]) * across * down
            }
        }
        #expect(WarmHeat(Self.map).heat(inside: box) == expected)
    }

    @Test(
        "a map that was made larger or smaller is warm where the whole one is",
        arguments: [(61, 47), (640, 480), (20, 30)])
    func resized(width: Int, height: Int) {
        let resized = WarmHeat(Self.map).resized(width: width, height: height)
        #expect(resized.map == Self.map.resized(width: width, height: height))
        // Zeros at the box's edges shift which cells are added side by side.
        #expect(abs(resized.sum - WarmHeat(resized.map).sum) <= 1e-13 * resized.sum)
        #expect(resized.maximum == resized.map.maximum)
    }

    @Test("a crop through the heat keeps what lies in it") func cropped() {
        let part = CellBox(left: 22, top: 5, right: 34, bottom: 15)
        let cropped = WarmHeat(Self.map).cropped(to: part)
        #expect(cropped.map == Self.map.cropped(to: part))
        #expect(cropped.box == CellBox(left: 0, top: 6, right: 12, bottom: 10))
        #expect(cropped.sum == cropped.map.values.reduce(0) { $0 + Double($1) })
        let beside = WarmHeat(Self.map).cropped(to: CellBox(left: 40, top: 0, right: 61, bottom: 47))
        #expect(!beside.hasHeat && beside.sum == 0 && beside.positiveValues.isEmpty)
    }

    @Test("what is not finite anywhere has no heat", arguments: [Float.nan, .infinity]) func nonfinite(value: Float) {
        var values = Self.map.values
        values[3] = value
        let heat = WarmHeat(HeatMap(width: 61, height: 47, values: values))
        #expect(!heat.hasHeat && heat.normalized.map.values.allSatisfy { $0 == 0 })
    }

    @Test("regions of random cells are those of a flood", arguments: 0..<50) func regions(seed: Int) {
        var random = SplitMix(state: UInt64(seed))
        let (width, height) = (23, 17)
        let share = UInt64(seed % 9 + 1)
        let values: [Float] = (0..<(width * height)).map { _ in random.next() % 10 < share ? 1 : 0.25 }
        var waiting = Set(values.indices.filter { values[$0] == 1 })
        var count = 0
        while let start = waiting.popFirst() {
            count += 1
            var stack = [start]
            while let cell = stack.popLast() {
                var near = [cell - width, cell + width]
                if cell % width > 0 { near.append(cell - 1) }
                if cell % width < width - 1 { near.append(cell + 1) }
                stack += near.filter { waiting.remove($0) != nil }
            }
        }
        let heat = WarmHeat(HeatMap(width: width, height: height, values: values))
        #expect(Regions(of: heat, reaching: 0.5).count == count)
    }
}
