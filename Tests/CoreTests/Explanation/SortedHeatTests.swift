import Foundation
import Testing

@testable import Core

@Suite("SortedHeat") struct SortedHeatTests {
    @Test("ranks are those of the sorted values: large, tiny, equal, zeros of both signs") func ranks() {
        var random = SplitMix(state: 7)
        var values: [Float] = [0, -0.0, 1, 1, .leastNonzeroMagnitude, Float(1).nextDown]
        for exponent in 0..<4995 { values.append(Float(random.next() >> 40) / Float(1 << (24 + exponent % 38))) }
        values.shuffle(using: &random)
        let expected = values.sorted().map(Double.init)
        let heat = SortedHeat(positive: values.filter { $0 > 0 }, of: values.count)
        for rank in stride(from: 0, through: 5000, by: 1) {
            let value = heat.percentile(Double(rank) / 50)
            #expect(abs(value - expected[rank]) <= 1e-9 * max(expected[rank], 1))
        }
    }

    @Test("sums of any number of values are those of plain arithmetic", arguments: [1, 2, 3, 4, 5, 7, 1001])
    func sums(count: Int) {
        var random = SplitMix(state: UInt64(count))
        let values = (0..<count).map { _ in Float(random.next() >> 40 + 1) / Float(1 << 24) }
        let (zeros, all) = (3, Double(count + 3))
        let heat = SortedHeat(positive: values, of: count + zeros)
        let ranked = ([Float](repeating: 0, count: zeros) + values.sorted()).map(Double.init)
        let sum = ranked.reduce(0, +)
        let weighted = zip(1..., ranked).reduce(0) { $0 + (2 * Double($1.0) - all - 1) * $1.1 }
        let squares = ranked.reduce(0) { $0 + ($1 - sum / all) * ($1 - sum / all) }
        let entropy = values.map { Double($0) / sum }.reduce(0) { $0 - $1 * log($1) }
        #expect(abs(heat.sum - sum) <= 1e-13 * sum)
        #expect(abs(heat.gini - weighted / (all * sum)) <= 1e-13)
        #expect(abs(heat.standardDeviation - (squares / all).squareRoot()) <= 1e-13)
        #expect(abs(heat.entropy - entropy) <= 1e-12)
    }

    @Test("logarithms are the library's, at powers of two and between them") func logarithms() {
        var random = SplitMix(state: 3)
        var values: [Float] = [1, 0.5, 2, Float(0.5).squareRoot(), Float(2).squareRoot(), .leastNormalMagnitude]
        values += values.flatMap { [$0.nextUp, $0.nextDown] }.filter(\.isNormal)
        for exponent in 0..<4000 {
            values.append((1 + Float(random.next() >> 41) / 0x1p23) / exp2(Float(exponent % 126)))
        }
        for value in values {
            let expected = log(Double(value))
            #expect(abs(SIMD4(repeating: value).logarithms[0] - expected) <= 2e-14 + 4e-16 * abs(expected))
        }
    }
}
