import Testing

@testable import Core

@Suite("Inotify") struct InotifyTests {
    /// struct inotify_event of inotify(7): wd, mask, cookie, len, then the name padded with NULs.
    private func records(_ bytes: [UInt8]) -> [Inotify.Record] {
        bytes.withUnsafeBytes { Inotify.records(in: $0) }
    }

    @Test("padded names, nameless records and an overflow are told apart") func kinds() {
        let bytes: [UInt8] =
            [1, 0, 0, 0, 0x08, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0] + Array("a.jpg".utf8)
            + Array(repeating: 0, count: 11)
            + [2, 0, 0, 0, 0x00, 0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
            + [0xFF, 0xFF, 0xFF, 0xFF, 0, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        #expect(
            records(bytes) == [
                .init(watch: 1, mask: .closeWrite, name: "a.jpg"), .init(watch: 2, mask: .moveSelf, name: nil),
                .init(watch: -1, mask: .overflow, name: nil),
            ])
    }

    @Test("names are bytes") func rawName() throws {
        let name = try #require(
            records([1, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0xE9, 0x0A, 0, 0]).first?.name)
        #expect(name.bytes == [0xE9, 0x0A])
    }

    @Test("a record that claims more than there is ends the parsing") func tooLong() {
        #expect(records([1, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0x7F, 0x61]).isEmpty)
        #expect(records([1, 2, 3]).isEmpty)
    }
}
