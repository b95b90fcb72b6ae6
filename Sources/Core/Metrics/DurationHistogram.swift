/// How often something took how long, in buckets that fit what an image costs: from 1 ms for one that is reused to a
/// minute for a large network on few cores.
package struct DurationHistogram: Codable, Equatable, Sendable {
    /// Upper bounds of the buckets in seconds; a value that equals one belongs to it. One bucket more is without bound.
    package static let bounds: [Double] = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]

    /// In each bucket by itself.
    package private(set) var counts = Array(repeating: 0, count: bounds.count + 1)
    /// Of all values, in seconds.
    package private(set) var sum = 0.0

    package init() {}

    /// - Parameter seconds: what is no number is left out.
    package mutating func add(_ seconds: Double) {
        guard seconds.isFinite else { return }
        counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
        sum += seconds
    }

    package mutating func add(_ duration: Duration) { add(duration.inSeconds) }

    package var count: Int { counts.reduce(0, +) }

    /// At or below each bound, and of all: as Prometheus wants it.
    package var cumulative: [Int] {
        var total = 0
        return counts.map { count in
            total += count
            return total
        }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        counts = try container.decode([Int].self, forKey: .counts)
        sum = try container.decode(Double.self, forKey: .sum)
        guard counts.count == Self.bounds.count + 1 else {
            throw DecodingError.dataCorruptedError(
                forKey: .counts, in: container, debugDescription: "not \(Self.bounds.count + 1) buckets")
        }
    }
}
