import Testing

@testable import Core

@Suite("Rate") struct RateTests {
    private func at(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: 1_800_000_000_000 + seconds * 1000) }

    @Test("counts what ended in the last minutes, and forgets the rest") func counting() {
        var rate = Rate()
        for second in [0, 5, 15, 59, 100, 200] { rate.count(at: at(Int64(second))) }
        // Steps of 10 s: the last 6 of them are those from 150 on.
        #expect(rate.total(ofLast: 1, at: at(200)) == 1)
        #expect(rate.total(ofLast: 2, at: at(200)) == 2)
        #expect(rate.total(ofLast: 60, at: at(200)) == 6)
        #expect(rate.total(ofLast: 60, at: at(3_610)) == 3)
        #expect(rate.total(ofLast: 60, at: at(9_999)) == 0)
    }

    @Test("an hour later old counts are not taken for new ones") func wrapping() {
        var rate = Rate()
        for _ in 0..<7 { rate.count(at: at(0)) }
        rate.count(at: at(3_610))
        #expect(rate.total(ofLast: 60, at: at(3_610)) == 1)
    }

    @Test("a clock that was set back counts on") func setBack() {
        var rate = Rate()
        rate.count(at: at(100))
        rate.count(at: at(50))
        #expect(rate.total(ofLast: 60, at: at(100)) == 2)
    }
}
