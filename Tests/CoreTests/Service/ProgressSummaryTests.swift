import Testing

@testable import Core

/// The line that `systemctl status` shows.
@Suite("Progress, in one line") struct ProgressSummaryTests {
    private func claim(_ id: Int64, _ name: String) throws -> Claim {
        let folder = try TemporaryFolder()
        return try Claim(
            ArrivalRecord(claim: "c", name: .init(name.utf8), nameText: name, bytes: 1, modifiedAt: .now, owner: 0),
            id: id, named: #require(FileName(name)), in: Directory(folder.path))
    }

    @Test("counts, queue, rate, the last error") func summary() throws {
        let progress = Progress()
        for id in 1...3 {
            let claim = try claim(Int64(id), "\(id).jpg")
            progress.began(claim)
            if id == 2 { progress.failed(claim, because: Failure(.truncatedImage, "It is cut off.")) }
            if id < 3 { progress.ended(claim, id == 1 ? .done : .failed) }
        }
        let time = try #require(progress.snapshot.problems.first).time.text.dropFirst(11).prefix(5)
        #expect(
            progress.snapshot.summary(inbox: 37)
                == "1 done, 1 failed, 1 in work, 37 in the inbox; 2/min; last error \(time) 2.jpg: It is cut off.")
        let later = Timestamp(milliseconds: Timestamp.now.milliseconds + 80_000)
        #expect(progress.snapshot.summary(at: later).hasPrefix("1 done, 1 failed, 1 in work; last error"))
        #expect(progress.counts == "1 done, 1 failed, 1 in work")
    }

    @Test("why nothing is taken, and what a reload loads") func standstill() {
        let progress = Progress()
        progress.paused(because: "maintenance")
        progress.reloads("loading /m.pt for 12 s")
        #expect(
            progress.snapshot.summary(inbox: 9, isMore: true)
                == "0 done, 0 failed, 0 in work, 9 and more in the inbox; paused: maintenance; "
                + "reloading: loading /m.pt for 12 s")
        progress.inboxIsMissing(because: "it is gone")
        progress.reloads(nil)
        #expect(progress.snapshot.summary().hasSuffix("in work; inbox missing: it is gone"))
    }

    @Test("a name can neither begin a line of its own, which systemd would obey, nor flood it") func hostile() throws {
        let progress = Progress()
        let claim = try claim(1, "a\nSTOPPING=1\n" + String(repeating: "é", count: 100))
        progress.failed(claim, because: Failure(.notAnImage, String(repeating: "x", count: 1_000)))
        let line = progress.snapshot.summary()
        #expect(!line.contains("\n") && line.contains("a\u{FFFD}STOPPING=1"))
        #expect(line.count < 200)
    }
}
