extension ContinuousClock.Instant {
    /// Milliseconds from now on, as poll(2) takes them: 0 where it is over, and a day that is far away comes early.
    var pollTimeout: Int32 {
        let left = max(.zero, ContinuousClock.now.duration(to: self)) / .milliseconds(1)
        return Int32(min(left.rounded(.up), Double(Int32.max)))
    }
}
