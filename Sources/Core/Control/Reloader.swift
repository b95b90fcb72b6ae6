/// Puts the settings of now in force.
package protocol Reloader: Sendable {
    /// - Throws: why they are refused, as a `Failure`; then nothing has changed. `CancellationError` where the service
    ///   stops meanwhile.
    func reload() async throws -> ReloadReport
}
