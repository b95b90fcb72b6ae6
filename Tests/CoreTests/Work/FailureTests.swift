import Testing

@testable import Core

@Suite("Failure") struct FailureTests {
    @Test("a picture that never fits into memory ends in failed/, and does not wait for ever") func memory() {
        #expect(Failure(.outOfMemory, "").disposition == .crash)
        #expect(Failure(.decodeOverdue, "").disposition == .permanent)
        #expect(Failure(.workerMissing, "").disposition == .transient)
    }

    @Test("a worker lives on exactly where it refused an image, or the moment was to blame") func endsWorker() {
        let lives = Failure.Code.allCases.filter { !Failure($0, "").endsWorker }
        #expect(!lives.contains(.outOfMemory) && !lives.contains(.decodeOverdue) && !lives.contains(.workerCrashed))
        #expect(lives.contains(.damagedImage) && lives.contains(.diskFull))
    }
}
