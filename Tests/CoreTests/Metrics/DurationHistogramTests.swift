import Foundation
import Testing

@testable import Core

@Suite("DurationHistogram") struct DurationHistogramTests {
    @Test("a value belongs to the first bucket whose bound it does not exceed; sum and count are of all")
    func buckets() {
        var histogram = DurationHistogram()
        // By hand: 0 and 0.001 -> le 0.001; 0.0011 -> 0.0025; 0.3 twice -> 0.5; 60 -> 60; 61 -> +Inf.
        for seconds in [0, 0.001, 0.0011, 0.3, 0.3, 60, 61] { histogram.add(seconds) }
        histogram.add(.nan)
        histogram.add(.infinity)
        #expect(histogram.counts == [2, 1, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 1, 1])
        #expect(histogram.cumulative == [2, 3, 3, 3, 3, 3, 3, 3, 5, 5, 5, 5, 5, 5, 6, 7])
        #expect(histogram.count == 7)
        #expect(abs(histogram.sum - 121.6021) < 1e-9)
        histogram.add(.milliseconds(1500))
        #expect(histogram.counts[10] == 1 && abs(histogram.sum - 123.1021) < 1e-9)
    }

    @Test("bounds are from 1 ms to a minute, each larger than the one before") func bounds() {
        #expect(DurationHistogram.bounds.first == 0.001 && DurationHistogram.bounds.last == 60)
        #expect(zip(DurationHistogram.bounds, DurationHistogram.bounds.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test("one with another number of buckets is of another release, and refused") func decoding() {
        let short = Data(#"{"counts":[1,2],"sum":3}"#.utf8)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(DurationHistogram.self, from: short) }
    }

    @Test("the times of an image go to their stages, in seconds") func stages() throws {
        let measurements = Measurements()
        var explanation = Samples.explanation()
        explanation.milliseconds.decode = 4
        explanation.milliseconds.forward = 250
        measurements.add(explanation, commit: .milliseconds(20))
        measurements.addImage(.seconds(2), failed: nil)
        measurements.addImage(.seconds(3), failed: .notAnImage)
        measurements.addAttempt(endedBy: .workerCrashed)
        let values = measurements.values
        #expect(values.stages.keys.sorted() == ["commit", "decode", "explain", "forward", "preprocess", "write"])
        #expect(values.stages["decode"]?.sum == 0.004 && values.stages["forward"]?.sum == 0.25)
        #expect(values.stages["commit"]?.sum == 0.02 && values.stages["write"]?.counts.first == 1)
        #expect(values.image.sum == 5 && values.image.count == 2)
        #expect(values.failures == ["not_an_image": 1] && values.failedAttempts == ["worker_crashed": 1])
        #expect(values.detections == 1)
    }
}
