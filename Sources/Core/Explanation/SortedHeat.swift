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

    /// - Precondition: values are finite, 0 or more, and at least one is above 0.
    init(_ values: [Float]) {
        self.init(positive: values.filter { $0 > 0 }, of: values.count)
    }

    /// - Parameters:
    ///   - positive: finite, above 0; at least one.
    ///   - count: with the zeros.
    init(positive: [Float], of count: Int) {
        ascending = Self.ascending(positive)
        zeros = count - positive.count
        var (sum, weighted) = (0.0, 0.0)
        var factor = 2 * Double(zeros) + 1 - Double(count)
        for value in ascending {
            sum += Double(value)
            weighted += factor * Double(value)
            factor += 2
        }
        self.sum = sum
        gini = weighted / (Double(count) * sum)
    }

    /// Of the population: divided by the number of values.
    var standardDeviation: Double {
        let mean = sum / Double(count)
        var squares = Double(zeros) * mean * mean
        for value in ascending {
            let deviation = Double(value) - mean
            squares += deviation * deviation
        }
        return (squares / Double(count)).squareRoot()
    }

    /// -sum p ln p of the values' shares p, in nats: ln S - (sum h ln h) / S, where S is their sum.
    var entropy: Double {
        var weighted = 0.0
        for value in ascending { weighted += Double(value) * log(Double(value)) }
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

    /// Floats above 0 stand in the order of their bits, so that each is put into its place three times, by 11 bits in
    /// turn. A map has up to 50,000 such values and more: comparing them takes ten times as long.
    private static func ascending(_ values: [Float]) -> [Float] {
        var bits = values.map(\.bitPattern)
        var sorted = [UInt32](repeating: 0, count: bits.count)
        var places = [Int32](repeating: 0, count: 3 << 11)
        places.withUnsafeMutableBufferPointer { places in
            for value in bits { for turn in 0..<3 { places[place(of: value, turn)] += 1 } }
            for turn in 0..<3 {
                var next: Int32 = 0
                for place in (turn << 11)..<((turn + 1) << 11) {
                    (places[place], next) = (next, next + places[place])
                }
                bits.withUnsafeBufferPointer { bits in
                    sorted.withUnsafeMutableBufferPointer { sorted in
                        for value in bits {
                            let place = place(of: value, turn)
                            sorted[Int(places[place])] = value
                            places[place] += 1
                        }
                    }
                }
                swap(&bits, &sorted)
            }
        }
        return bits.map(Float.init(bitPattern:))
    }

    /// Of 11 bits of a value, behind those of the turns before.
    private static func place(of value: UInt32, _ turn: Int) -> Int {
        turn << 11 | Int(value >> (11 * UInt32(truncatingIfNeeded: turn))) & 0x7ff
    }
}
