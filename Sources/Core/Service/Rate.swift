/// Counts what ended in the last hour, in steps of 10 seconds.
package struct Rate: Sendable {
    private static let steps = 361
    private static let step: Int64 = 10_000

    /// By the step since 1970, modulo `steps`.
    private var counts = Array(repeating: 0, count: steps)
    private var newest: Int64 = 0

    mutating func count(at time: Timestamp) {
        let now = max(newest, time.milliseconds / Self.step)
        for passed in max(newest + 1, now - Int64(Self.steps) + 1)..<(now + 1) { counts[Self.place(of: passed)] = 0 }
        newest = now
        counts[Self.place(of: now)] += 1
    }

    /// - Parameter minutes: 1...60.
    package func total(ofLast minutes: Int, at time: Timestamp) -> Int {
        let now = time.milliseconds / Self.step
        let oldest = max(0, now - Int64(minutes) * 6 + 1, newest - Int64(Self.steps) + 1)
        guard oldest <= newest else { return 0 }
        return (oldest...newest).reduce(0) { $0 + counts[Self.place(of: $1)] }
    }

    private static func place(of step: Int64) -> Int { Int(step % Int64(steps)) }
}
