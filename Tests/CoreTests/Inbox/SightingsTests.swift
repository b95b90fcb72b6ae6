import Testing

@testable import Core

@Suite("Sightings") struct SightingsTests {
    private var sightings = Sightings()

    private func file(_ number: Int) throws -> InboxFile { InboxFile(name: try #require(FileName("\(number)"))) }

    @Test("of very many files the number is known, and some of the names") mutating func many() throws {
        sightings.beginFullScan()
        for number in 0..<5_000 { sightings.note(try file(number), .unreadable, changed: 0) }
        sightings.endFullScan()
        let report = sightings.report(.unreadable)
        #expect(report.count == 5_000 && report.first.count == 20 && sightings.files.count == 1_000)
        // Counted anew by the next scan.
        sightings.beginFullScan()
        for number in 0..<1_200 { sightings.note(try file(number), .unreadable, changed: 0) }
        sightings.endFullScan()
        #expect(sightings.report(.unreadable).count == 1_200)
    }

    @Test("what a full scan does not find again is gone; what came meanwhile stays") mutating func confirmed() throws {
        sightings.beginFullScan()
        let gone = sightings.note(try file(1), .special, changed: 0)
        sightings.note(try file(2), .special, changed: 0)
        sightings.endFullScan()
        sightings.beginFullScan()
        let again = sightings.note(try file(2), .special, changed: 0)
        sightings.note(try file(3), .special, changed: 0)
        sightings.endFullScan()
        #expect(gone && !again)
        #expect(sightings.report(.special).first == ["2", "3"])
        #expect(sightings.report(.unreadable).count == 0)
    }

    @Test("only those that did not change for a while count as old") mutating func old() throws {
        sightings.note(try file(1), .ignored, changed: 10)
        sightings.note(try file(2), .ignored, changed: 20)
        #expect(sightings.report(.ignored, changedBefore: 20).first == ["1"])
    }
}
