/// What the control socket asks the service. Each function may be called at any time and by several clients at once;
/// what it throws, the client is told: a `Failure` as it is, any other error by its description.
package protocol ControlTarget: Sendable {
    func status() async throws -> StatusReport

    /// - Parameter path: absolute and lexically normal; may lie anywhere, also outside the inbox, and need not exist.
    ///   Its folders may be links that the inbox's own path does not have: compare folders, not texts.
    func why(_ path: RawPath) async throws -> WhyReport

    /// Returns when everything that was dropped before is finished or held, or the time ran out.
    ///
    /// - Parameter progress: may be told as often as numbers change.
    /// - Throws: `CancellationError` soon after its task was cancelled: the client has gone away.
    func sync(
        timeout: Duration?, progress: @escaping @Sendable (SyncProgress) -> Void
    ) async throws -> SyncReport

    /// Nothing is claimed from here on, also after a restart; what is in work is finished. A second call replaces
    /// the reason.
    func pause(reason: String) async throws -> PauseReport

    func resume() async throws -> PauseReport

    /// Returns when the inbox has been looked through.
    func rescan() async throws

    /// Reads the settings again and puts them in force. Where anything is wrong with them, nothing changes.
    func reload() async throws -> ReloadReport

    func retry(_ selection: RetrySelection) async throws -> RequeueReport

    func reexplain(_ selection: ReexplainSelection) async throws -> RequeueReport

    func metrics() async throws -> MetricsReport

    /// Removes what the settings do not want to keep, and returns when that is done.
    func retain() async throws -> RetentionReport
}
