/// Wakes the pipeline when people ask for images once more. The requests themselves are in the log.
package final class Repetitions: Sendable {
    let requests: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    package init() {
        (requests, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        // Those that a former run did not come to.
        continuation.yield()
    }

    package func requested() { continuation.yield() }
}
