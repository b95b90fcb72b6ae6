/// Splits the time of one image into laps.
struct Stopwatch {
    private let clock = ContinuousClock()
    private var start = ContinuousClock.now

    /// Milliseconds since the last lap.
    mutating func lap() -> Double {
        let now = clock.now
        defer { start = now }
        return start.duration(to: now) / .milliseconds(1)
    }
}
