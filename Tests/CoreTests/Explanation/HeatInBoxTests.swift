import Core
import Foundation
import Testing

@Suite("HeatInBox") struct HeatInBoxTests {
    private let map = WarmHeat(
        HeatMap(
            width: 4, height: 4,
            values: [0, 0.05, 0.15, 0.2, 0.2, 0.25, 0.35, 0.4, 0.6, 0.65, 0.75, 0.8, 0.8, 0.85, 0.95, 1]))
    private let hotBox = Box(left: 0, top: 2, right: 4, bottom: 4)

    private func near(_ value: Double?, _ expected: Double) throws -> Bool {
        abs(try #require(value) - expected) < 1e-6
    }

    @Test("golden: the box from 1,1 to 4,4") func golden() throws {
        let heat = HeatInBox(
            shown: map, hotBox: hotBox, box: Box(left: 1, top: 1, right: 4, bottom: 4), others: [])
        #expect(try near(heat.energyInBox, 0.75))
        #expect(try near(heat.energyRatio, 1.333333))
        #expect(heat.pointingHit == true)
        // 6 cells in common of 8 + 9 - 6.
        #expect(try near(heat.iouHotBox, 6.0 / 11))
        #expect(heat.otherEnergy == 0)
    }

    @Test("the peak's centre decides, and the box is half-open") func pointing() {
        func hit(_ left: Double, _ right: Double) -> Bool? {
            HeatInBox(
                shown: map, hotBox: hotBox, box: Box(left: left, top: 0, right: right, bottom: 4), others: []
            ).pointingHit
        }
        // The peak is the last cell, its centre at 3.5.
        #expect(hit(3.5, 4) == true)
        #expect(hit(3.51, 4) == false)
        #expect(hit(0, 3.5) == false)
        #expect(hit(0, 3.51) == true)
        #expect(hit(-9, 99) == true)
        #expect(hit(4, 2) == false)
    }

    @Test("any of equally hot cells is a hit") func equallyHot() {
        let two = WarmHeat(HeatMap(width: 3, height: 1, values: [1, 0, 1]))
        for (box, hit) in [(0.0...1.0, true), (1.0...2.0, false), (2.0...3.0, true)] {
            let heat = HeatInBox(
                shown: two, hotBox: nil, box: Box(left: box.lowerBound, top: 0, right: box.upperBound, bottom: 1),
                others: [])
            #expect(heat.pointingHit == hit && heat.iouHotBox == nil)
        }
    }

    @Test("the box counts as far as the map shows it") func cut() throws {
        // The lower half, twice as high as the map shows.
        let heat = HeatInBox(
            shown: map, hotBox: hotBox, box: Box(left: -2, top: 2, right: 4, bottom: 8), others: [])
        #expect(heat.iouHotBox == 1)
        #expect(try near(heat.energyInBox, 6.4 / 8))
        #expect(try near(heat.energyRatio, 1.6))
    }

    @Test("cells count by the part that is covered, and nothing lies outside the map") func parts() throws {
        let even = WarmHeat(HeatMap(width: 2, height: 2, values: [3, 3, 3, 3]))
        func heat(_ box: Box) -> HeatInBox { HeatInBox(shown: even, hotBox: nil, box: box, others: []) }
        let part = heat(Box(left: 0.5, top: -7, right: 1.25, bottom: 1))
        #expect(abs(try #require(part.energyInBox) - 0.75 / 4) < 1e-12)
        #expect(abs(try #require(part.energyRatio) - 1) < 1e-12)
        #expect(heat(Box(left: -9, top: -9, right: 99, bottom: 99)).energyInBox == 1)
        let turned = heat(Box(left: 2, top: 1, right: 1, bottom: 2))
        #expect(turned.energyInBox == 0 && turned.energyRatio == nil)
    }

    @Test("other boxes: the union without the own one, by the union of all") func others() throws {
        // Own: the last row, 3.6. Others: the last column and the 2 x 2 in its corner; what they add is 0.2 + 0.4 + 0.8
        // and 0.75; the overlap of the two counts once.
        let heat = HeatInBox(
            shown: map, hotBox: hotBox, box: Box(left: 0, top: 3, right: 4, bottom: 4),
            others: [
                Box(left: 3, top: 0, right: 4, bottom: 4), Box(left: 2, top: 2, right: 4, bottom: 4),
                Box(left: 2, top: 2, right: 4, bottom: 4),
            ])
        #expect(try near(heat.otherEnergy, 2.15 / 5.75))
    }

    @Test("unions count cells whose centre is covered, and nothing outside the map") func centers() throws {
        func other(_ box: Box) -> Double? {
            HeatInBox(
                shown: WarmHeat(HeatMap(width: 4, height: 1, values: [1, 1, 1, 1])), hotBox: nil,
                box: Box(left: 0, top: 0, right: 1, bottom: 1), others: [box]
            ).otherEnergy
        }
        #expect(other(Box(left: 1.4, top: -3, right: 2.6, bottom: 9)) == 2.0 / 3)
        #expect(other(Box(left: 1.6, top: 0, right: 2.4, bottom: 1)) == 0)
        #expect(other(Box(left: -50, top: 0, right: 50, bottom: 1)) == 3.0 / 4)
        #expect(other(Box(left: 9, top: 0, right: 50, bottom: 1)) == 0)
        #expect(other(Box(left: 3, top: 0, right: 2, bottom: 1)) == 0)
    }

    @Test("no box with heat, no index") func noBoxWithHeat() {
        let corner = WarmHeat(HeatMap(width: 2, height: 1, values: [0, 1]))
        let heat = HeatInBox(
            shown: corner, hotBox: nil, box: Box(left: 0, top: 0, right: 1, bottom: 1),
            others: [Box(left: 0, top: 0, right: 1, bottom: 1)])
        #expect(heat.otherEnergy == nil && heat.energyInBox == 0 && heat.pointingHit == false)
        let beside = HeatInBox(
            shown: corner, hotBox: nil, box: Box(left: 7, top: 0, right: 9, bottom: 1),
            others: [Box(left: 1, top: 0, right: 2, bottom: 1)])
        #expect(beside.otherEnergy == 1 && beside.energyRatio == nil)
    }

    @Test("a map without heat gives no numbers, not zeros", arguments: [[0, -1], [1, .nan]] as [[Float]])
    func withoutHeat(values: [Float]) throws {
        let box = Box(left: 0, top: 0, right: 1, bottom: 1)
        let heat = HeatInBox(
            shown: WarmHeat(HeatMap(width: 2, height: 1, values: values).rectified), hotBox: box, box: box,
            others: [box])
        #expect(try JSONEncoder().encode(heat) == Data("{}".utf8))
    }

    @Test("JSON has the columns' names") func json() throws {
        let heat = HeatInBox(
            shown: map, hotBox: hotBox, box: Box(left: 1, top: 1, right: 4, bottom: 4), others: [])
        let data = try JSONEncoder().encode(heat)
        let keys = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any]).keys
        #expect(
            keys.sorted() == ["energy_in_box", "energy_ratio", "iou_hot_box", "other_energy", "pointing_hit"])
        #expect(try JSONDecoder().decode(HeatInBox.self, from: data) == heat)
    }
}
