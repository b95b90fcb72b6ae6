/// One function for each command. All throw `ControlClientError`, and as a `Failure` what the service could not do.
extension ControlClient {
    package func status() async throws -> StatusReport {
        guard case .status(let report) = try await ask(.status) else { throw unintelligible }
        return report
    }

    /// - Parameter path: absolute.
    package func why(_ path: RawPath) async throws -> WhyReport {
        guard case .why(let report) = try await ask(.why(path)) else { throw unintelligible }
        return report
    }

    package func sync(timeout: Duration?, progress: (SyncProgress) -> Void) async throws -> SyncReport {
        guard case .synced(let report) = try await ask(.sync(timeout: timeout), progress: progress) else {
            throw unintelligible
        }
        return report
    }

    package func pause(reason: String) async throws -> PauseReport {
        guard case .paused(let report) = try await ask(.pause(reason: reason)) else { throw unintelligible }
        return report
    }

    package func resume() async throws -> PauseReport {
        guard case .resumed(let report) = try await ask(.resume) else { throw unintelligible }
        return report
    }

    package func rescan() async throws {
        guard case .rescanned = try await ask(.rescan, patience: Self.longPatience) else { throw unintelligible }
    }

    package func reload() async throws -> ReloadReport {
        guard case .reloaded(let report) = try await ask(.reload, patience: Self.reloadPatience) else {
            throw unintelligible
        }
        return report
    }

    package func retry(_ selection: RetrySelection) async throws -> RequeueReport {
        guard case .retried(let report) = try await ask(.retry(selection), patience: Self.longPatience) else {
            throw unintelligible
        }
        return report
    }

    package func reexplain(_ selection: ReexplainSelection) async throws -> RequeueReport {
        guard case .reexplained(let report) = try await ask(.reexplain(selection), patience: Self.longPatience) else {
            throw unintelligible
        }
        return report
    }

    /// - Parameter patience: the longest wait for an answer.
    package func metrics(patience: Duration) async throws -> MetricsReport {
        guard case .metrics(let report) = try await ask(.metrics, patience: patience) else { throw unintelligible }
        return report
    }

    package func retain() async throws -> RetentionReport {
        guard case .retained(let report) = try await ask(.retain, patience: .seconds(3600)) else {
            throw unintelligible
        }
        return report
    }

    /// Thousands of files may have to be looked at or moved.
    private static let longPatience: Duration = .seconds(600)

    /// Each worker has to load its model, for which it has workers.start_deadline_seconds.
    private static let reloadPatience: Duration = .seconds(86_400)

    private var unintelligible: ControlClientError { ControlClientError(path: path, cause: .unintelligible) }
}
