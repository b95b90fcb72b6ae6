import Testing

@testable import Core

@Suite("File name") struct FileNameTests {
    @Test("names are bytes: what is not UTF-8 survives, and is shown as U+FFFD") func notUTF8() throws {
        let name = try #require(FileName(bytes: [0x61, 0xFF, 0x2E, 0x6A, 0x70, 0x67]))
        #expect(name.bytes == [0x61, 0xFF, 0x2E, 0x6A, 0x70, 0x67])
        #expect(name.text == "a\u{FFFD}.jpg")
    }

    @Test("a name can neither break a line nor colour a terminal") func controlCharacters() throws {
        let name = try #require(FileName(bytes: Array("a\n\u{1B}[31mb\u{202E}.jpg".utf8)))
        #expect(name.text == "a\u{FFFD}\u{FFFD}[31mb\u{FFFD}.jpg")
    }

    @Test("what is no entry of a directory is no name", arguments: ["", ".", "..", "a/b", "a\0b"])
    func noName(text: String) { #expect(FileName(bytes: text.utf8) == nil) }

    @Test("a name of 255 bytes keeps its extension when it gets a number") func longest() throws {
        let long = String(repeating: "x", count: 251) + ".jpg"
        let name = try #require(FileName(bytes: long.utf8))
        let archived = name.wrapped(prefix: "1234-", suffix: "")
        #expect(archived.bytes.count == 255)
        #expect(archived.text == "1234-" + String(repeating: "x", count: 246) + ".jpg")
        let overlay = name.wrapped(prefix: "1234-", suffix: ".cam.png")
        #expect(overlay.bytes.count == 255)
        #expect(overlay.text.hasSuffix("x.jpg.cam.png"))
    }
}
