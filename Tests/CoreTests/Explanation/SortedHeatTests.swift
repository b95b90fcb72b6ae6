import Testing

@testable import Core

@Suite("SortedHeat") struct SortedHeatTests {
    @Test("ranks are those of the sorted values: large, tiny, equal, zeros of both signs") func ranks() {
        var random = SplitMix(state: 7)
        var values: [Float] = [0, -0.0, 1, 1, .leastNonzeroMagnitude, .greatestFiniteMagnitude / 4]
        for exponent in 0..<4995 { values.append(Float(random.next() >> 40) / Float(1 << (exponent % 40))) }
        values.shuffle(using: &random)
        let expected = values.sorted().map(Double.init)
        let heat = SortedHeat(values)
        for rank in stride(from: 0, through: 5000, by: 1) {
            let value = heat.percentile(Double(rank) / 50)
            #expect(abs(value - expected[rank]) <= 1e-9 * max(expected[rank], 1))
        }
    }
}
