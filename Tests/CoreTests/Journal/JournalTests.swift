import Foundation
import GRDB
import Glibc
import Logging
import SystemPackage
import Testing

@testable import Core

@Suite("Journal") struct JournalTests {
    private let folder: TemporaryFolder
    private let tree: Tree
    private let store: Store
    private let journal: Journal

    init() throws {
        folder = try TemporaryFolder()
        tree = try Tree(root: folder.path)
        store = try Store(path: folder.path.appending("log.db"))
        journal = Journal(tree: tree, store: store, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func drop(_ name: String) throws -> InboxFile {
        try folder.write("picture", to: "inbox/\(name)")
        let parts = name.split(separator: "/").compactMap { FileName(String($0)) }
        return InboxFile(folders: Array(parts.dropLast()), name: parts[parts.count - 1])
    }

    /// What a worker would have done.
    private func writeOverlay(of claim: Claim, _ index: Int = 0) throws {
        try folder.write(
            "overlay", to: "outbox/\(claim.outputs.temporaryOverlay(index, .jpeg, attempt: claim.attempt).text)")
    }

    private func states() throws -> [String] {
        try LogReader(path: folder.path.appending("log.db")).entries(.init(limit: 100)).map { entry in
            if case .text(let state) = entry["state"] { state } else { "?" }
        }
    }

    @Test("a claim takes the file out of the inbox and counts the attempt") func claim() async throws {
        let claim = try #require(try await journal.claim(drop("cat.jpg"), in: tree.inbox))
        #expect(try folder.names(in: "inbox").isEmpty)
        #expect(try folder.names(in: "work").last?.hasSuffix("/cat.jpg") == true)
        #expect(claim.attempt == 1)
        #expect(try states() == ["claimed"])
    }

    @Test("a file that is gone is no claim, and leaves nothing behind") func gone() async throws {
        let missing = InboxFile(name: "missing.jpg")
        #expect(try await journal.claim(missing, in: tree.inbox) == nil)
        #expect(try folder.names(in: "work").isEmpty)
        #expect(try states().isEmpty)
    }

    @Test("finished: the overlay has its name, the original is archived, work is empty") func finish() async throws {
        let claim = try #require(try await journal.claim(drop("cat.jpg"), in: tree.inbox))
        try writeOverlay(of: claim)
        let overlays = try await journal.finish(claim, with: Samples.explanation(), format: .jpeg)
        #expect(overlays.map { $0.lastComponent?.string } == ["1-cat.jpg.cam.jpg"])
        #expect(try folder.names(in: "outbox").last == "\(claim.outputs.day.text)/1-cat.jpg.cam.jpg")
        #expect(try folder.names(in: "done").last == "\(claim.outputs.day.text)/1-cat.jpg")
        #expect(try folder.names(in: "work").isEmpty)
        #expect(try states() == ["done"])
    }

    @Test("two files of one name from two folders do not meet") func sameName() async throws {
        for sub in ["x", "y"] {
            try FileManager.default.createDirectory(
                atPath: folder.path.appending("inbox/\(sub)").string, withIntermediateDirectories: true)
            let claim = try #require(try await journal.claim(drop("\(sub)/cat.jpg"), in: tree.inbox))
            try writeOverlay(of: claim)
            try await journal.finish(claim, with: Samples.explanation(), format: .jpeg)
        }
        #expect(try folder.names(in: "done").filter { $0.hasSuffix("cat.jpg") }.count == 2)
        let names = try LogReader(path: folder.path.appending("log.db")).entries(.init(limit: 9)).map { $0["name"] }
        #expect(names == [.text("x/cat.jpg"), .text("y/cat.jpg")])
    }

    @Test("failed: the original is set aside with the reason beside it") func fail() async throws {
        let claim = try #require(try await journal.claim(drop("x.jpg"), in: tree.inbox))
        try await journal.fail(claim, because: Failure(.notAnImage, "It is a text.", remedy: "Send a JPEG."))
        #expect(try folder.names(in: "failed") == ["1-x.jpg", "1-x.jpg.txt"])
        let note = try String(contentsOfFile: folder.path.appending("failed/1-x.jpg.txt").string, encoding: .utf8)
        #expect(note == "x.jpg\nIt is a text.\nSend a JPEG.\ncode: not_an_image\n")
        #expect(try folder.names(in: "work").isEmpty)
    }

    // MARK: Recovery: the state that a kill after each step leaves

    @Test("killed after the rename, before the row: the image gets its row") func killedBeforeRow() async throws {
        let id = ClaimID()
        _ = try tree.work.makingDirectory(id.folder)
        try folder.write("picture", to: "work/\(id.text)/cat.jpg")
        let claims = try await journal.recover()
        #expect(claims.map(\.name.text) == ["cat.jpg"])
        #expect(claims.map(\.attempt) == [1])
    }

    @Test("killed after the claim: the image is taken up, and its next attempt counted when it begins")
    func killedAfterClaim() async throws {
        _ = try await journal.claim(drop("cat.jpg"), in: tree.inbox)
        let claims = try await journal.recover()
        #expect(claims.map(\.attempt) == [1])
        #expect(try await journal.begin(#require(claims.first)).attempt == 2)
        #expect(try store.arrival(id: 1)?.attempt == 2)
        #expect(try folder.names(in: "work").count == 2)
    }

    @Test("killed after the overlay's rename: the next attempt replaces it, one is left") func killedAfterRename()
        async throws
    {
        let claim = try #require(try await journal.claim(drop("cat.jpg"), in: tree.inbox))
        _ = try tree.outbox.makingDirectory(claim.outputs.day)
        try folder.write("old", to: "outbox/\(claim.outputs.day.text)/\(claim.outputs.overlay(0, .jpeg).text)")
        try folder.write("old", to: "outbox/\(claim.outputs.day.text)/\(claim.outputs.overlay(1, .jpeg).text)")
        let again = try #require(try await journal.recover().first)
        try writeOverlay(of: again)
        try await journal.finish(again, with: Samples.explanation(), format: .jpeg)
        #expect(try folder.names(in: "outbox").filter { $0.contains("/") }.count == 1)
        #expect(try states() == ["done"])
    }

    @Test("killed after the commit, before archiving: only the move is repeated") func killedAfterCommit() async throws
    {
        let claim = try #require(try await journal.claim(drop("cat.jpg"), in: tree.inbox))
        try store.complete(claim.id, Samples.explanation(), overlays: [])
        #expect(try await journal.recover().isEmpty)
        #expect(try folder.names(in: "done").last == "\(claim.outputs.day.text)/1-cat.jpg")
        #expect(try folder.names(in: "work").isEmpty)
    }

    @Test("killed while failing: the reason and the original are in failed/") func killedWhileFailing() async throws {
        let claim = try #require(try await journal.claim(drop("x.jpg"), in: tree.inbox))
        try store.fail(claim.id, because: Failure(.notAnImage, "It is a text."))
        #expect(try await journal.recover().isEmpty)
        #expect(try folder.names(in: "failed") == ["1-x.jpg", "1-x.jpg.txt"])
    }

    @Test("an image that killed three times is set aside") func threeTimes() async throws {
        _ = try await journal.claim(drop("poison.jpg"), in: tree.inbox)
        for attempt in [2, 3] {
            #expect(try await journal.begin(#require(journal.recover().first)).attempt == attempt)
        }
        #expect(try await journal.recover().isEmpty)
        #expect(try states() == ["failed"])
        #expect(try folder.names(in: "failed").contains("1-poison.jpg"))
    }

    @Test("a clean stop does not count as an attempt") func release() async throws {
        let claim = try #require(try await journal.claim(drop("cat.jpg"), in: tree.inbox))
        try await journal.release(claim)
        for _ in 0..<5 { #expect(try await journal.recover().map(\.attempt) == [0]) }
        #expect(try await journal.begin(#require(journal.recover().first)).attempt == 1)
    }

    @Test("temporary files of a former run are removed; a claim whose file is gone is said to have vanished")
    func leftovers() async throws {
        try folder.write("half", to: "outbox/.tmp-7.cam.jpg")
        let claim = try #require(try await journal.claim(drop("cat.jpg"), in: tree.inbox))
        try FileManager.default.removeItem(atPath: claim.path.string)
        #expect(try await journal.recover().isEmpty)
        #expect(try folder.names(in: "outbox").isEmpty)
        #expect(try folder.names(in: "work").isEmpty)
        #expect(try states() == ["vanished"])
    }

    @Test("a file that was put back into work/ is taken up again") func putBack() async throws {
        let claim = try #require(try await journal.claim(drop("cat.jpg"), in: tree.inbox))
        let elsewhere = folder.path.appending("elsewhere").string
        try FileManager.default.moveItem(atPath: claim.folder.path.string, toPath: elsewhere)
        #expect(try await journal.recover().isEmpty)
        #expect(try states() == ["vanished"])
        try FileManager.default.moveItem(atPath: elsewhere, toPath: claim.folder.path.string)
        #expect(try await journal.recover().map(\.id) == [claim.id])
        #expect(try states() == ["claimed"])
    }

    @Test("without a row there is no claim: the file goes back to the inbox") func noRow() async throws {
        let file = try drop("cat.jpg")
        let log = try DatabaseQueue(path: folder.path.appending("log.db").string)
        try await log.write { try $0.execute(sql: "ALTER TABLE arrival RENAME TO hidden") }
        await #expect(throws: (any Error).self) { try await journal.claim(file, in: tree.inbox) }
        #expect(try folder.names(in: "inbox") == ["cat.jpg"])
        #expect(try folder.names(in: "work").isEmpty)
    }

    @Test("what the rows promise is concluded, not explained once more") func conclude() async throws {
        let claim = try #require(try await journal.claim(drop("cat.jpg"), in: tree.inbox))
        #expect(try await journal.conclude(claim) == nil)
        try store.complete(claim.id, Samples.explanation(), overlays: [])
        #expect(try await journal.conclude(claim) == .done)
        #expect(try folder.names(in: "done").last == "\(claim.outputs.day.text)/1-cat.jpg")
        #expect(try folder.names(in: "work").isEmpty)
    }

    @Test("two daemons cannot work on one tree") func lock() throws {
        let error = #expect(throws: TreeError.self) { try Tree(root: folder.path) }
        #expect(error?.description.contains("Another gradcamd") == true)
    }

    @Test(
        "a folder of the tree that is a mount of its own is refused: no rename leads there",
        .enabled(if: geteuid() == 0, "mounts need root"), arguments: ["work", "done", "inbox"])
    func mountedFolder(name: String) throws {
        let other = try TemporaryFolder()
        for name in ["inbox", "work", "done", "failed", "outbox"] {
            try FileManager.default.createDirectory(
                atPath: other.path.appending(name).string, withIntermediateDirectories: false)
        }
        let path = other.path.appending(name).string
        // The same device on both sides.
        try #require(mount(path, path, nil, UInt(MS_BIND), nil) == 0)
        defer { umount(path) }
        let error = #expect(throws: TreeError.self) { try Tree(root: other.path) }
        #expect(error?.description.contains("must be on one file system") == true)
    }

    @Test("starts that end before the image's turn comes do not count against it") func startsOnly() async throws {
        _ = try await journal.claim(drop("cat.jpg"), in: tree.inbox)
        for _ in 0..<5 { #expect(try await journal.recover().map(\.attempt) == [1]) }
        #expect(try states() == ["claimed"])
    }
}
