import Foundation

/// Values of a map in ascending order, and what follows from the order. Zeros are counted, not sorted.
struct SortedHeat {
    /// Those above 0.
    private let ascending: [Float]
    private let zeros: Int
    let sum: Double
    /// sum (2k - N - 1) h(k) / (N sum h), k from 1 in ascending order.
    let gini: Double

    private var count: Int { zeros + ascending.count }

    /// - Parameters:
    ///   - positive: above 0, at most 1; at least one.
    ///   - count: with the zeros.
    init(positive: [Float], of count: Int) {
        ascending = positive.sortedByBits()
        zeros = count - positive.count
        sum = ascending.sum { SIMD4<Double>($0) }
        // 2k - N - 1 of four values in turn.
        var factors = SIMD4<Double>(1, 3, 5, 7) + Double(2 * zeros - count)
        let weighted = ascending.sum { values in
            defer { factors += 8 }
            return factors * SIMD4<Double>(values)
        }
        gini = weighted / (Double(count) * sum)
    }

    /// Of the population: divided by the number of values.
    var standardDeviation: Double {
        let mean = sum / Double(count)
        let squares = ascending.sum { values in
            let deviations = SIMD4<Double>(values) - mean
            return deviations * deviations
        }
        return ((squares + Double(zeros) * mean * mean) / Double(count)).squareRoot()
    }

    /// -sum p ln p of the values' shares p, in nats: ln S - (sum h ln h) / S, where S is their sum.
    var entropy: Double {
        let weighted = ascending.sum { SIMD4<Double>($0) * $0.logarithms }
        return log(sum) - weighted / sum
    }

    /// Interpolated linearly between the two nearest ranks, as `numpy.percentile` does.
    func percentile(_ percent: Double) -> Double {
        let position = Double(count - 1) * percent / 100
        let below = Int(position)
        let above = min(below + 1, count - 1)
        let weight = position - Double(below)
        return value(atRank: below) * (1 - weight) + value(atRank: above) * weight
    }

    private func value(atRank rank: Int) -> Double { rank < zeros ? 0 : Double(ascending[rank - zeros]) }

    /// - Precondition: `threshold` is above 0.
    func shareOfCells(reaching threshold: Float) -> Double {
        var low = 0
        var high = ascending.count
        while low < high {
            let middle = (low + high) / 2
            if ascending[middle] < threshold { low = middle + 1 } else { high = middle }
        }
        return Double(ascending.count - low) / Double(count)
    }

    func shareOfHeat(inHottest count: Int) -> Double {
        ascending.suffix(count).reduce(0) { $0 + Double($1) } / sum
    }
}
