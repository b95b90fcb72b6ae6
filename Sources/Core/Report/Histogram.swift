/// How often values fall into parts of a range, all equally wide. What lies beyond the range counts to its ends.
package struct Histogram: Equatable, Sendable {
    package let range: ClosedRange<Double>
    package private(set) var counts: [Int]

    package init(range: ClosedRange<Double>, bins: Int) {
        self.range = range
        counts = Array(repeating: 0, count: max(1, bins))
    }

    package var total: Int { counts.reduce(0, +) }

    /// - Parameter bin: counted from 0; those outside count to the nearest.
    package mutating func add(_ count: Int, inBin bin: Int) {
        counts[min(max(bin, 0), counts.count - 1)] += count
    }

    /// The lower and upper end of a bin.
    package func bounds(ofBin bin: Int) -> (lower: Double, upper: Double) {
        let width = (range.upperBound - range.lowerBound) / Double(counts.count)
        return (range.lowerBound + Double(bin) * width, range.lowerBound + Double(bin + 1) * width)
    }
}
