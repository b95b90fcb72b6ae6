/// One line of JSON from the control socket: one for each request, and lines of `progress` before that of `sync`.
package struct ControlResponse: Equatable, Sendable {
    package enum Content: Equatable, Sendable {
        case status(StatusReport)
        case why(WhyReport)
        /// Not the last line of its request.
        case progress(SyncProgress)
        case synced(SyncReport)
        case paused(PauseReport)
        case resumed(PauseReport)
        case rescanned
        case reloaded(ReloadReport)
        case retried(RequeueReport)
        case reexplained(RequeueReport)
        case metrics(MetricsReport)
        case retained(RetentionReport)
        case failed(Failure)
    }

    package var version = ControlRequest.version
    package var content: Content

    package init(_ content: Content) { self.content = content }
}

extension ControlResponse: Codable {
    private enum Kind: String, Codable {
        case status, why, progress, synced, paused, resumed, rescanned, reloaded, retried, reexplained, metrics,
            retained
        case failed
    }
    private enum CodingKeys: String, CodingKey { case version, kind, report, failure }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        version = try container.decode(Int.self, forKey: .version)
        content =
            switch try container.decode(Kind.self, forKey: .kind) {
            case .status: .status(try container.decode(StatusReport.self, forKey: .report))
            case .why: .why(try container.decode(WhyReport.self, forKey: .report))
            case .progress: .progress(try container.decode(SyncProgress.self, forKey: .report))
            case .synced: .synced(try container.decode(SyncReport.self, forKey: .report))
            case .paused: .paused(try container.decode(PauseReport.self, forKey: .report))
            case .resumed: .resumed(try container.decode(PauseReport.self, forKey: .report))
            case .rescanned: .rescanned
            case .reloaded: .reloaded(try container.decode(ReloadReport.self, forKey: .report))
            case .retried: .retried(try container.decode(RequeueReport.self, forKey: .report))
            case .reexplained: .reexplained(try container.decode(RequeueReport.self, forKey: .report))
            case .metrics: .metrics(try container.decode(MetricsReport.self, forKey: .report))
            case .retained: .retained(try container.decode(RetentionReport.self, forKey: .report))
            case .failed: .failed(try container.decode(Failure.self, forKey: .failure))
            }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(version, forKey: .version)
        try container.encode(kind, forKey: .kind)
        switch content {
        case .status(let report): try container.encode(report, forKey: .report)
        case .why(let report): try container.encode(report, forKey: .report)
        case .progress(let progress): try container.encode(progress, forKey: .report)
        case .synced(let report): try container.encode(report, forKey: .report)
        case .paused(let report), .resumed(let report): try container.encode(report, forKey: .report)
        case .rescanned: break
        case .reloaded(let report): try container.encode(report, forKey: .report)
        case .retried(let report), .reexplained(let report): try container.encode(report, forKey: .report)
        case .metrics(let report): try container.encode(report, forKey: .report)
        case .retained(let report): try container.encode(report, forKey: .report)
        case .failed(let failure): try container.encode(failure, forKey: .failure)
        }
    }

    private var kind: Kind {
        switch content {
        case .status: .status
        case .why: .why
        case .progress: .progress
        case .synced: .synced
        case .paused: .paused
        case .resumed: .resumed
        case .rescanned: .rescanned
        case .reloaded: .reloaded
        case .retried: .retried
        case .reexplained: .reexplained
        case .metrics: .metrics
        case .retained: .retained
        case .failed: .failed
        }
    }
}
