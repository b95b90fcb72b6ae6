import Testing

@testable import Core

@Suite("Timestamp") struct TimestampTests {
    /// From `date -u -d @1795411181 +%FT%TZ`.
    @Test("as text it is ISO 8601 in UTC, always of one length") func text() {
        #expect(Timestamp(milliseconds: 1_795_411_181_007).text == "2026-11-23T05:19:41.007Z")
        #expect(Timestamp(milliseconds: 0).text == "1970-01-01T00:00:00.000Z")
        #expect(Timestamp(milliseconds: -1).text == "1969-12-31T23:59:59.999Z")
        #expect(Timestamp(milliseconds: 951_782_400_000).day.text == "2000-02-29")
    }
}
