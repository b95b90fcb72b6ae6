import Synchronization

/// What is counted since the start and nowhere else: durations, and failures by their code.
package final class Measurements: Sendable {
    package struct Values: Codable, Equatable, Sendable {
        /// Of images that were explained, by `Stage`.
        package var stages: [String: DurationHistogram] = Dictionary(
            uniqueKeysWithValues: Stage.allCases.map { ($0.rawValue, DurationHistogram()) })
        /// From the claim of an image to its end, whichever it was, with all waits.
        package var image = DurationHistogram()
        /// Images that went to `failed/`, by `Failure.Code`.
        package var failures: [String: Int] = [:]
        /// Attempts that cost a worker, by `Failure.Code`; also the last one of an image that fails.
        package var failedAttempts: [String: Int] = [:]
        /// Classes and objects that were found.
        package var detections = 0

        package init() {}

        private enum CodingKeys: String, CodingKey {
            case stages, image, failures, detections
            case failedAttempts = "failed_attempts"
        }
    }

    /// What a worker does with an image, and the journal afterwards.
    package enum Stage: String, CaseIterable, Sendable { case decode, preprocess, forward, explain, write, commit }

    private let state = Mutex(Values())

    package init() {}

    package var values: Values { state.withLock { $0 } }

    /// An image was explained.
    ///
    /// - Parameter commit: what publishing its overlays and writing its rows took.
    func add(_ explanation: Explanation, commit: Duration) {
        let times = explanation.milliseconds
        let seconds: [(Stage, Double)] = [
            (.decode, times.decode / 1000), (.preprocess, times.preprocess / 1000), (.forward, times.forward / 1000),
            (.explain, times.explain / 1000), (.write, times.write / 1000), (.commit, commit.inSeconds),
        ]
        state.withLock { state in
            for (stage, duration) in seconds { state.stages[stage.rawValue]?.add(duration) }
            state.detections += explanation.predictions.count
        }
    }

    func addAttempt(endedBy code: Failure.Code) {
        state.withLock { $0.failedAttempts[code.rawValue, default: 0] += 1 }
    }

    /// - Parameter code: of an image that failed.
    func addImage(_ duration: Duration, failed code: Failure.Code?) {
        state.withLock { state in
            state.image.add(duration)
            if let code { state.failures[code.rawValue, default: 0] += 1 }
        }
    }
}
