import Foundation
import SystemPackage
import Testing

@testable import Core

@Suite("Paths below the inbox") struct InboxPathTests {
    @Test("a path below the inbox is a file of it, however it is written") func below() throws {
        let folder = try TemporaryFolder()
        let inbox = folder.path.appending("inbox")
        try FileManager.default.createDirectory(atPath: inbox.string, withIntermediateDirectories: false)
        let link = folder.path.appending("share").string
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: inbox.string)
        for path in ["\(inbox)/a/b.jpg", "\(inbox)/x/../a/./b.jpg"] {
            #expect(InboxFile(FilePath(path), below: inbox)?.text == "a/b.jpg", "\(path)")
        }
        #expect(InboxFile(FilePath("\(link)/b.jpg"), below: inbox)?.text == "b.jpg")
        for path in ["\(inbox)", "\(inbox)/../done/b.jpg", "/etc/passwd", "\(inbox)x/b.jpg", "/"] {
            #expect(InboxFile(FilePath(path), below: inbox) == nil, "\(path)")
        }
    }

    @Test("bytes that are not UTF-8 stay what they are") func bytes() throws {
        let path = FilePath(bytes: Array("/inbox/".utf8) + [0xE9, 0xFF])
        #expect(InboxFile(path, below: "/inbox")?.name.bytes == [0xE9, 0xFF])
    }
}
