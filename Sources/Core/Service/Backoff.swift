/// How long to wait before trying again: 1 s, doubled each time up to 5 minutes, each within ±20 % so that several
/// do not come back at once.
struct Backoff {
    private static let first: Duration = .seconds(1)
    private static let longest: Duration = .seconds(300)

    private var next = Backoff.first

    mutating func pause() -> Duration {
        defer { next = min(next * 2, Self.longest) }
        return next * Double.random(in: 0.8...1.2)
    }
}
