import Foundation
import SystemPackage
import Testing

@testable import Core

@Suite("Raw path") struct RawPathTests {
    @Test("a path that is UTF-8 is a plain string in JSON") func plain() throws {
        let json = try JSONEncoder().encode(["p": RawPath("/tmp/ü.jpg")])
        #expect(try JSONDecoder().decode([String: String].self, from: json) == ["p": "/tmp/ü.jpg"])
    }

    @Test("any other path comes back byte for byte") func bytes() throws {
        let path = RawPath(FilePath(bytes: Array("/tmp/".utf8) + [0xE9, 0x0A, 0xFF]))
        let json = try JSONEncoder().encode([path])
        #expect(String(decoding: json, as: UTF8.self) == #"[{"base64":"L3RtcC\/pCv8="}]"#)
        #expect(try JSONDecoder().decode([RawPath].self, from: json) == [path])
    }
}
