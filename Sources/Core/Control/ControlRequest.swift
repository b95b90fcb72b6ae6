/// One line of JSON to the control socket. Only `command`, and what it needs, must be there, so that
/// `echo '{"command":"status"}' | socat - UNIX:/run/gradcamd/control.sock` works by hand.
package struct ControlRequest: Equatable, Sendable {
    package enum Command: Equatable, Sendable {
        case status
        /// What becomes of this file. An absolute path; links in it are not resolved.
        case why(RawPath)
        /// Wait until everything that was dropped before is finished; `nil` waits for as long as that takes.
        case sync(timeout: Duration?)
        /// Claim nothing any more, also after a restart.
        case pause(reason: String)
        case resume
        /// Look through the whole inbox now.
        case rescan
        /// Put the settings of now in force.
        case reload
        /// Bring failed images back.
        case retry(RetrySelection)
        /// Explain originals once more, under the model and the settings of now.
        case reexplain(ReexplainSelection)
        case metrics
        /// Remove now what the settings do not want to keep.
        case retain
    }

    /// Of the messages in both directions; a server refuses any other.
    package static let version = 1
    /// The longest line that a server reads, in bytes.
    package static let maximumLineLength = 64 << 10
    /// So many ids fit into such a line, however long they are.
    package static let maximumIDs = 3_000

    package var version = Self.version
    package var command: Command

    package init(_ command: Command) { self.command = command }
}

/// Which failed images are tried again.
package enum RetrySelection: Equatable, Sendable {
    /// Row ids of the log.
    case ids([Int64])
    case allFailed
}

/// Which finished images are explained once more.
package enum ReexplainSelection: Equatable, Sendable {
    /// Row ids of the log.
    case ids([Int64])
    /// Those that fulfil both conditions: `since` is ISO 8601 text in UTC, or a beginning of one, and compares with
    /// the log's times; `label` is one of an image's predictions. `nil` asks for nothing; both are never `nil`.
    case matching(since: String?, label: String?)
    case all
}

extension ControlRequest.Command {
    package enum Name: String, Codable, CaseIterable, Sendable {
        case status, why, sync, pause, resume, rescan, reload, retry, reexplain, metrics, retain
    }

    package var name: Name {
        switch self {
        case .status: .status
        case .why: .why
        case .sync: .sync
        case .pause: .pause
        case .resume: .resume
        case .rescan: .rescan
        case .reload: .reload
        case .retry: .retry
        case .reexplain: .reexplain
        case .metrics: .metrics
        case .retain: .retain
        }
    }

    /// Whether the service is another one afterwards: such commands leave a line with who gave them.
    package var changesSomething: Bool {
        switch self {
        case .status, .why, .sync, .metrics: false
        case .pause, .resume, .rescan, .reload, .retry, .reexplain, .retain: true
        }
    }
}

extension ControlRequest: Codable {
    private enum CodingKeys: String, CodingKey {
        case version, command, path, reason, ids, since, label, all
        case timeout = "timeout_seconds"
        case allFailed = "all_failed"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        version = try container.decodeIfPresent(Int.self, forKey: .version) ?? Self.version
        command =
            switch try container.decode(Command.Name.self, forKey: .command) {
            case .status: .status
            case .why: .why(try container.decode(RawPath.self, forKey: .path))
            case .sync: .sync(timeout: try Self.timeout(in: container))
            case .pause: .pause(reason: try container.decodeIfPresent(String.self, forKey: .reason) ?? "")
            case .resume: .resume
            case .rescan: .rescan
            case .reload: .reload
            case .retry: .retry(try Self.retrySelection(in: container))
            case .reexplain: .reexplain(try Self.reexplainSelection(in: container))
            case .metrics: .metrics
            case .retain: .retain
            }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(version, forKey: .version)
        try container.encode(command.name, forKey: .command)
        switch command {
        case .status, .resume, .rescan, .reload, .metrics, .retain: break
        case .why(let path): try container.encode(path, forKey: .path)
        case .sync(let timeout): try container.encodeIfPresent(timeout?.inSeconds, forKey: .timeout)
        case .pause(let reason): try container.encode(reason, forKey: .reason)
        case .retry(.ids(let ids)), .reexplain(.ids(let ids)): try container.encode(ids, forKey: .ids)
        case .retry(.allFailed): try container.encode(true, forKey: .allFailed)
        case .reexplain(.all): try container.encode(true, forKey: .all)
        case .reexplain(.matching(let since, let label)):
            try container.encodeIfPresent(since, forKey: .since)
            try container.encodeIfPresent(label, forKey: .label)
        }
    }

    private typealias Container = KeyedDecodingContainer<CodingKeys>

    /// From 0 to 30 days: a number without bounds would overflow a duration.
    private static func timeout(in container: Container) throws -> Duration? {
        guard let seconds = try container.decodeIfPresent(Double.self, forKey: .timeout) else { return nil }
        guard (0...Double(maximumTimeout)).contains(seconds) else {
            throw DecodingError.dataCorruptedError(
                forKey: .timeout, in: container, debugDescription: "not from 0 to \(maximumTimeout)")
        }
        return .seconds(seconds)
    }

    /// The longest wait of `sync`, in seconds.
    package static let maximumTimeout = 30 * 86_400

    private static func retrySelection(in container: Container) throws -> RetrySelection {
        let all = try container.decodeIfPresent(Bool.self, forKey: .allFailed) ?? false
        let ids = try container.decodeIfPresent([Int64].self, forKey: .ids) ?? []
        guard all == ids.isEmpty else {
            throw DecodingError.dataCorruptedError(
                forKey: .ids, in: container, debugDescription: "either ids or all_failed")
        }
        return all ? .allFailed : .ids(ids)
    }

    private static func reexplainSelection(in container: Container) throws -> ReexplainSelection {
        let all = try container.decodeIfPresent(Bool.self, forKey: .all) ?? false
        let ids = try container.decodeIfPresent([Int64].self, forKey: .ids) ?? []
        let since = try container.decodeIfPresent(String.self, forKey: .since)
        let label = try container.decodeIfPresent(String.self, forKey: .label)
        switch (all, ids.isEmpty, since == nil && label == nil) {
        case (true, true, true): return .all
        case (false, false, true): return .ids(ids)
        case (false, true, false): return .matching(since: since, label: label)
        default:
            throw DecodingError.dataCorruptedError(
                forKey: .ids, in: container, debugDescription: "either ids, or since and label, or all")
        }
    }
}
