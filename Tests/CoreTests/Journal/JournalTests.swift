import Foundation
import GRDB
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
        try folder.write("overlay", to: "outbox/\(claim.temporaryOverlayName(index, .jpeg).text)")
    }

    private func states() throws -> [String] {
        try LogReader(path: folder.path.appending("log.db")).entries(.init(limit: 100)).map { entry in
            if case .text(let state) = entry["state"] { state } else { "?" }
        }
    }

    @Test("a claim takes the file out of the inbox and counts the attempt") func claim() async throws {
        let claim = try #require(try await journal.claim(drop("cat.jpg")))
        #expect(try folder.names(in: "inbox").isEmpty)
        #expect(try folder.names(in: "work").last?.hasSuffix("/cat.jpg") == true)
        #expect(claim.attempt == 1)
        #expect(try states() == ["claimed"])
    }

    @Test("a file that is gone is no claim, and leaves nothing behind") func gone() async throws {
        let missing = InboxFile(name: "missing.jpg")
        #expect(try await journal.claim(missing) == nil)
        #expect(try folder.names(in: "work").isEmpty)
        #expect(try states().isEmpty)
    }

    @Test("finished: the overlay has its name, the original is archived, work is empty") func finish() async throws {
        let claim = try #require(try await journal.claim(drop("cat.jpg")))
        try writeOverlay(of: claim)
        let overlays = try await journal.finish(claim, with: Samples.explanation(), format: .jpeg)
        #expect(overlays.map { $0.lastComponent?.string } == ["1-cat.jpg.cam.jpg"])
        #expect(try folder.names(in: "outbox").last == "\(claim.day.text)/1-cat.jpg.cam.jpg")
        #expect(try folder.names(in: "done").last == "\(claim.day.text)/1-cat.jpg")
        #expect(try folder.names(in: "work").isEmpty)
        #expect(try states() == ["done"])
    }

    @Test("two files of one name from two folders do not meet") func sameName() async throws {
        for sub in ["x", "y"] {
            try FileManager.default.createDirectory(
                atPath: folder.path.appending("inbox/\(sub)").string, withIntermediateDirectories: true)
            let claim = try #require(try await journal.claim(drop("\(sub)/cat.jpg")))
            try writeOverlay(of: claim)
            try await journal.finish(claim, with: Samples.explanation(), format: .jpeg)
        }
        #expect(try folder.names(in: "done").filter { $0.hasSuffix("cat.jpg") }.count == 2)
        let names = try LogReader(path: folder.path.appending("log.db")).entries(.init(limit: 9)).map { $0["name"] }
        #expect(names == [.text("x/cat.jpg"), .text("y/cat.jpg")])
    }

    @Test("failed: the original is set aside with the reason beside it") func fail() async throws {
        let claim = try #require(try await journal.claim(drop("x.jpg")))
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

    @Test("killed after the claim: the image is taken up, the attempt counted") func killedAfterClaim() async throws {
        _ = try await journal.claim(drop("cat.jpg"))
        let claims = try await journal.recover()
        #expect(claims.map(\.attempt) == [2])
        #expect(try folder.names(in: "work").count == 2)
    }

    @Test("killed after the overlay's rename: the next attempt replaces it, one is left") func killedAfterRename()
        async throws
    {
        let claim = try #require(try await journal.claim(drop("cat.jpg")))
        _ = try tree.outbox.makingDirectory(claim.day)
        try folder.write("old", to: "outbox/\(claim.day.text)/\(claim.overlayName(0, .jpeg).text)")
        try folder.write("old", to: "outbox/\(claim.day.text)/\(claim.overlayName(1, .jpeg).text)")
        let again = try #require(try await journal.recover().first)
        try writeOverlay(of: again)
        try await journal.finish(again, with: Samples.explanation(), format: .jpeg)
        #expect(try folder.names(in: "outbox").filter { $0.contains("/") }.count == 1)
        #expect(try states() == ["done"])
    }

    @Test("killed after the commit, before archiving: only the move is repeated") func killedAfterCommit() async throws
    {
        let claim = try #require(try await journal.claim(drop("cat.jpg")))
        try store.complete(claim.id, Samples.explanation(), overlays: [])
        #expect(try await journal.recover().isEmpty)
        #expect(try folder.names(in: "done").last == "\(claim.day.text)/1-cat.jpg")
        #expect(try folder.names(in: "work").isEmpty)
    }

    @Test("killed while failing: the reason and the original are in failed/") func killedWhileFailing() async throws {
        let claim = try #require(try await journal.claim(drop("x.jpg")))
        try store.fail(claim.id, because: Failure(.notAnImage, "It is a text."))
        #expect(try await journal.recover().isEmpty)
        #expect(try folder.names(in: "failed") == ["1-x.jpg", "1-x.jpg.txt"])
    }

    @Test("an image that killed three times is set aside") func threeTimes() async throws {
        _ = try await journal.claim(drop("poison.jpg"))
        #expect(try await journal.recover().map(\.attempt) == [2])
        #expect(try await journal.recover().map(\.attempt) == [3])
        #expect(try await journal.recover().isEmpty)
        #expect(try states() == ["failed"])
        #expect(try folder.names(in: "failed").contains("1-poison.jpg"))
    }

    @Test("a clean stop does not count as an attempt") func release() async throws {
        let claim = try #require(try await journal.claim(drop("cat.jpg")))
        try await journal.release(claim)
        #expect(try await journal.recover().map(\.attempt) == [1])
    }

    @Test("temporary files of a former run are removed; a claim whose file is gone is said to have vanished")
    func leftovers() async throws {
        try folder.write("half", to: "outbox/.tmp-7.cam.jpg")
        let claim = try #require(try await journal.claim(drop("cat.jpg")))
        try FileManager.default.removeItem(atPath: claim.path.string)
        #expect(try await journal.recover().isEmpty)
        #expect(try folder.names(in: "outbox").isEmpty)
        #expect(try folder.names(in: "work").isEmpty)
        #expect(try states() == ["vanished"])
    }

    @Test("a file that was put back into work/ is taken up again") func putBack() async throws {
        let claim = try #require(try await journal.claim(drop("cat.jpg")))
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
        await #expect(throws: (any Error).self) { try await journal.claim(file) }
        #expect(try folder.names(in: "inbox") == ["cat.jpg"])
        #expect(try folder.names(in: "work").isEmpty)
    }

    @Test("what the rows promise is concluded, not explained once more") func conclude() async throws {
        let claim = try #require(try await journal.claim(drop("cat.jpg")))
        #expect(try await journal.conclude(claim) == nil)
        try store.complete(claim.id, Samples.explanation(), overlays: [])
        #expect(try await journal.conclude(claim) == .done)
        #expect(try folder.names(in: "done").last == "\(claim.day.text)/1-cat.jpg")
        #expect(try folder.names(in: "work").isEmpty)
    }

    @Test("two daemons cannot work on one tree") func lock() throws {
        let error = #expect(throws: TreeError.self) { try Tree(root: folder.path) }
        #expect(error?.description.contains("Another gradcamd") == true)
    }
}
