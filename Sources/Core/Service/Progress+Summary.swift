extension Progress {
    /// "12 done, 1 failed, 2 in work".
    package var counts: String { snapshot.counts }
}

extension Progress.Snapshot {
    /// A name or a message may be as long as a path.
    private static let longest = 120

    /// The state in one line, whatever the names in it hold: "128 done, 1 failed, 2 in work, 37 in the inbox; 41/min;
    /// last error 08:14 x.jpg: The JPEG file is cut off".
    ///
    /// - Parameters:
    ///   - inbox: files that were not claimed yet.
    ///   - isMore: whether there are more than those.
    package func summary(inbox: Int = 0, isMore: Bool = false, at now: Timestamp = .now) -> String {
        var counts = counts
        if inbox > 0 { counts += ", \(inbox)\(isMore ? " and more" : "") in the inbox" }
        var parts = [counts]
        if let standstill { parts.append(standstill) }
        if let reloading { parts.append("reloading: \(reloading.reason)") }
        let ended = rate.total(ofLast: 1, at: now)
        if ended > 0 { parts.append("\(ended)/min") }
        if let last = problems.last {
            let time = last.time.text.dropFirst(11).prefix(5)
            parts.append("last error \(time) \(Self.shortened("\(last.name): \(last.failure.message)"))")
        }
        return parts.joined(separator: "; ").readable
    }

    fileprivate var counts: String { "\(done) done, \(failed) failed, \(work.count) in work" }

    /// What keeps images from being taken; a person's word goes before the moment's.
    private var standstill: String? {
        if let missing { return "inbox missing: \(Self.shortened(missing.reason))" }
        if let paused { return "paused: \(Self.shortened(paused.reason))" }
        return waiting.map { "waiting: \(Self.shortened($0.reason))" }
    }

    private static func shortened(_ text: String) -> String {
        text.count > longest ? text.prefix(longest) + "…" : text
    }
}
