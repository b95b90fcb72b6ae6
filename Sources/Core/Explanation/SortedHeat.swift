/// Values of a map in ascending order, and what follows from the order.
struct SortedHeat {
    private let ascending: [Float]
    let sum: Double

    /// - Precondition: values are finite, 0 or more, and at least one is above 0.
    init(_ values: [Float]) {
        ascending = Self.ascending(values)
        sum = ascending.reduce(0) { $0 + Double($1) }
    }

    /// Interpolated linearly between the two nearest ranks, as `numpy.percentile` does.
    func percentile(_ percent: Double) -> Double {
        let position = Double(ascending.count - 1) * percent / 100
        let below = Int(position)
        let above = min(below + 1, ascending.count - 1)
        let weight = position - Double(below)
        return Double(ascending[below]) * (1 - weight) + Double(ascending[above]) * weight
    }

    /// sum (2k - N - 1) h(k) / (N sum h), k from 1 in ascending order.
    var gini: Double {
        let count = Double(ascending.count)
        var weighted = 0.0
        for (index, value) in ascending.enumerated() {
            weighted += (2 * Double(index + 1) - count - 1) * Double(value)
        }
        return weighted / (count * sum)
    }

    func shareOfCells(reaching threshold: Float) -> Double {
        var low = 0
        var high = ascending.count
        while low < high {
            let middle = (low + high) / 2
            if ascending[middle] < threshold { low = middle + 1 } else { high = middle }
        }
        return Double(ascending.count - low) / Double(ascending.count)
    }

    func shareOfHeat(inHottest count: Int) -> Double {
        ascending.suffix(count).reduce(0) { $0 + Double($1) } / sum
    }

    /// Floats of 0 or more stand in the order of their bits, so that each is put into its place three times, by 11 bits
    /// in turn. A map has 50,000 values and more: comparing them takes ten times as long.
    private static func ascending(_ values: [Float]) -> [Float] {
        // Adding 0 makes +0 of -0, whose bits are large.
        var bits = values.map { ($0 + 0).bitPattern }
        var sorted = [UInt32](repeating: 0, count: bits.count)
        for shift in [0, 11, 22] {
            var places = [Int](repeating: 0, count: 1 << 11)
            for value in bits { places[Int(value >> shift) & 0x7ff] += 1 }
            var next = 0
            for digit in places.indices { (places[digit], next) = (next, next + places[digit]) }
            for value in bits {
                let digit = Int(value >> shift) & 0x7ff
                sorted[places[digit]] = value
                places[digit] += 1
            }
            swap(&bits, &sorted)
        }
        return bits.map { Float(bitPattern: $0) }
    }
}
