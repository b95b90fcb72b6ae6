import Foundation
import Glibc
import SystemPackage
import Testing

@testable import Core

@Suite("Directory") struct DirectoryTests {
    private let folder: TemporaryFolder
    private let directory: Directory

    init() throws {
        folder = try TemporaryFolder()
        directory = try Directory(folder.path)
    }

    @Test("a move never overwrites") func moveRefuses() throws {
        try folder.write("old", to: "a")
        try folder.write("new", to: "b")
        #expect(throws: Errno.fileExists) { try directory.move("b", to: directory, as: "a") }
        #expect(try String(contentsOfFile: folder.path.appending("a").string, encoding: .utf8) == "old")
    }

    @Test("a symbolic link to a folder is not entered") func linkToFolder() throws {
        try FileManager.default.createSymbolicLink(
            atPath: folder.path.appending("link").string, withDestinationPath: "/etc")
        #expect(throws: Errno.self) { try directory.directory("link") }
        #expect(throws: Errno.self) { try directory.directory(at: ["link", "ssl"]) }
    }

    @Test("a symbolic link is never opened; a FIFO does not block") func linkAndFIFO() throws {
        try FileManager.default.createSymbolicLink(
            atPath: folder.path.appending("passwd.jpg").string, withDestinationPath: "/etc/passwd")
        #expect(throws: Errno.tooManySymbolicLinkLevels) { try directory.openForReading("passwd.jpg") }
        #expect(try directory.status(of: "passwd.jpg").kind == .symbolicLink)
        try #require(mkfifo(folder.path.appending("pipe.jpg").string, 0o600) == 0)
        #expect(try directory.status(of: "pipe.jpg").kind == .fifo)
        try directory.openForReading("pipe.jpg").close()
    }

    @Test("every entry is seen, whatever its bytes") func entries() throws {
        let odd = try #require(FileName(bytes: [0xFF, 0x0A, 0x2D]))
        let descriptor = odd.withPlatformString { openat(directory.descriptor, $0, O_CREAT | O_WRONLY, 0o600) }
        try #require(descriptor >= 0)
        close(descriptor)
        for index in 0..<300 { try folder.write("", to: "\(index)") }
        var seen: Set<FileName> = []
        try directory.forEachEntry { seen.insert($0) }
        #expect(seen.count == 301)
        #expect(seen.contains(odd))
    }

    @Test("a written file is whole under its name, and leaves no other") func write() throws {
        try directory.write("reason\n", to: "x.txt")
        #expect(try folder.names(in: ".") == ["x.txt"])
        #expect(try String(contentsOfFile: folder.path.appending("x.txt").string, encoding: .utf8) == "reason\n")
    }
}
