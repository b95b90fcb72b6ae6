import Foundation
import GRDB
import Glibc
import Logging
import SystemPackage
import Testing

@testable import Core

/// What becomes of originals and duplicates by the operator's rules, and of images that people ask for once more.
@Suite("Journal policies") struct JournalPoliciesTests {
    private let folder: TemporaryFolder
    private let tree: Tree
    private let store: Store

    init() throws {
        folder = try TemporaryFolder()
        tree = try Tree(root: folder.path)
        store = try Store(path: folder.path.appending("log.db"))
        try startRun(fingerprint: "one")
    }

    private func startRun(fingerprint: String) throws {
        var run = RunRecord(version: "1", modelFile: "/m.pt", model: Samples.model, workers: 1)
        run.fingerprint = fingerprint
        try store.startRun(run)
    }

    private func journal(_ change: (inout JournalRules) -> Void = { _ in }) -> Journal {
        var rules = JournalRules()
        change(&rules)
        return Journal(
            tree: tree, store: store, rules: rules, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func drop(
        _ name: String, _ content: String = "picture", makingFolder: Bool = false
    ) throws -> InboxFile {
        if makingFolder {
            let path = folder.path.appending("inbox/\(name)").removingLastComponent().string
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        try folder.write(content, to: "inbox/\(name)")
        let parts = name.split(separator: "/").compactMap { FileName(String($0)) }
        return InboxFile(folders: Array(parts.dropLast()), name: parts[parts.count - 1])
    }

    private func explain(_ claim: Claim, in journal: Journal) async throws {
        let name = claim.outputs.temporaryOverlay(0, .jpeg, attempt: claim.attempt)
        try folder.write("overlay of \(claim.id)", to: "outbox/\(name.text)")
        try await journal.finish(claim, with: Samples.explanation(), format: .jpeg)
    }

    @discardableResult
    private func explain(_ name: String, _ content: String = "picture", in journal: Journal) async throws -> Claim {
        let claim = try #require(try await journal.claim(drop(name, content), in: tree.inbox))
        try await explain(claim, in: journal)
        return claim
    }

    private func log() throws -> [LogReader.Entry] {
        try LogReader(path: folder.path.appending("log.db")).entries(.init(limit: 100))
    }

    private func states() throws -> [LogReader.Entry.Value] { try log().map { $0["state"] } }

    private func files(in name: String) throws -> [String] {
        try folder.names(in: name).filter { $0.contains(".") }.map { ($0 as NSString).lastPathComponent }.sorted()
    }

    // MARK: Originals

    @Test("the hash in the row is that of the content") func hash() async throws {
        _ = try await journal().claim(drop("abc.jpg", "abc"), in: tree.inbox)
        // FIPS 180-4, the example of SHA-256.
        #expect(
            try log()[0]["sha256"] == .text("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))
    }

    @Test("delete: the original goes when it was explained, and is set aside when it was not") func delete()
        async throws
    {
        let journal = journal { $0.original = .delete }
        try await explain("good.jpg", in: journal)
        let bad = try #require(try await journal.claim(drop("bad.jpg"), in: tree.inbox))
        try await journal.fail(bad, because: Failure(.notAnImage, "It is a text."))
        #expect(try files(in: "done").isEmpty)
        #expect(try files(in: "failed") == ["2-bad.jpg", "2-bad.jpg.txt"])
        #expect(try folder.names(in: "work").isEmpty)
    }

    @Test("keep: the original stays, is explained once, and again only when its content changes") func keep()
        async throws
    {
        let journal = journal { $0.original = .keep }
        let file = try drop("cat.jpg")
        let claim = try #require(try await journal.claim(file, in: tree.inbox))
        #expect(claim.path == folder.path.appending("inbox/cat.jpg"))
        #expect(try await journal.claim(file, in: tree.inbox) == nil)
        try await explain(claim, in: journal)
        #expect(try await journal.claim(file, in: tree.inbox) == nil)
        // Touched only: another identity, the same content.
        try #require(utimes(folder.path.appending("inbox/cat.jpg").string, nil) == 0)
        #expect(try await journal.claim(file, in: tree.inbox) == nil)
        #expect(try files(in: "inbox") == ["cat.jpg"])
        #expect(try states() == [.text("done")])
        try folder.write("another picture", to: "inbox/cat.jpg")
        #expect(try await journal.claim(file, in: tree.inbox) != nil)
        #expect(try folder.names(in: "work").isEmpty)
        #expect(try files(in: "done").isEmpty)
    }

    @Test("keep: what was changed while it was explained is not called done") func keepChanged() async throws {
        let journal = journal { $0.original = .keep }
        let claim = try #require(try await journal.claim(drop("cat.jpg"), in: tree.inbox))
        try folder.write("another picture", to: "inbox/cat.jpg")
        await #expect(throws: ChangedMeanwhile.self) { try await explain(claim, in: journal) }
        try await journal.vanish(claim)
        #expect(try states() == [.text("vanished")])
        #expect(try files(in: "outbox").isEmpty)
        #expect(try files(in: "inbox") == ["cat.jpg"])
    }

    @Test("keep: what went away with its folder and came back is explained all the same") func keepBack()
        async throws
    {
        let journal = journal { $0.original = .keep }
        _ = try await journal.claim(drop("a/cat.jpg", makingFolder: true), in: tree.inbox)
        let away = folder.path.appending("away").string
        try FileManager.default.moveItem(atPath: folder.path.appending("inbox/a").string, toPath: away)
        #expect(try await journal.recover().isEmpty)
        #expect(try states() == [.text("vanished")])
        // Back again, it is an arrival like any other.
        try FileManager.default.moveItem(atPath: away, toPath: folder.path.appending("inbox/a").string)
        let file = InboxFile(folders: ["a"], name: "cat.jpg")
        #expect(try await journal.claim(file, in: tree.inbox)?.id == 2)
    }

    @Test("keep: a killed run's image is taken up where it lies; a failed one stays, with the reason in failed/")
    func keepRecovery() async throws {
        let journal = journal { $0.original = .keep }
        _ = try await journal.claim(drop("cat.jpg"), in: tree.inbox)
        let again = try #require(try await journal.recover().first)
        #expect(try await journal.begin(again).attempt == 2)
        #expect(again.path == folder.path.appending("inbox/cat.jpg"))
        try await journal.fail(again, because: Failure(.notAnImage, "It is a text."))
        #expect(try files(in: "inbox") == ["cat.jpg"])
        #expect(try files(in: "failed") == ["1-cat.jpg.txt"])
        #expect(try await journal.recover().isEmpty)
    }

    // MARK: Duplicates

    @Test("a duplicate has a row, an overlay and statistics of its own, and is not explained again")
    func duplicate() async throws {
        let journal = journal()
        try await explain("first.jpg", in: journal)
        let second = try #require(try await journal.claim(drop("second.jpg"), in: tree.inbox))
        let reused = try #require(try await journal.reuse(second))
        #expect(reused.arrival == 1)
        #expect(reused.overlays.map { $0.lastComponent?.string } == ["2-second.jpg.cam.jpg"])
        #expect(try files(in: "outbox") == ["1-first.jpg.cam.jpg", "2-second.jpg.cam.jpg"])
        let overlay = try String(contentsOfFile: reused.overlays[0].string, encoding: .utf8)
        #expect(overlay == "overlay of 1")
        let rows = try log()
        #expect(rows.map { $0["same_as"] } == [.null, .integer(1)])
        #expect(rows[1]["overlay"] == .text(reused.overlays[0].string))
        for column in ["label", "score", "raw_max", "heat_mean", "detections", "model"] {
            #expect(rows[0][column] == rows[1][column] && rows[0][column] != .null, "\(column)")
        }
        #expect(try files(in: "done") == ["1-first.jpg", "2-second.jpg"])
        #expect(try folder.names(in: "work").isEmpty)
    }

    @Test("another content, another model, a missing overlay, and the rule to explain: no duplicate")
    func noDuplicate() async throws {
        let journal = journal()
        try await explain("first.jpg", in: journal)
        let other = try #require(try await journal.claim(drop("other.jpg", "pictura"), in: tree.inbox))
        #expect(try await journal.reuse(other) == nil)
        let strict = self.journal { $0.reusesDuplicates = false }
        let again = try #require(try await strict.claim(drop("again.jpg"), in: tree.inbox))
        #expect(try await strict.reuse(again) == nil)
        try startRun(fingerprint: "two")
        #expect(try await journal.reuse(again) == nil)
        try startRun(fingerprint: "one")
        let overlay = try folder.names(in: "outbox").first { $0.hasSuffix("cam.jpg") }
        try FileManager.default.removeItem(atPath: folder.path.appending("outbox/\(try #require(overlay))").string)
        #expect(try await journal.reuse(again) == nil)
        #expect(try files(in: "outbox").isEmpty)
    }

    @Test("killed between the link and the rows, a duplicate is linked anew") func duplicateAgain() async throws {
        let journal = journal()
        try await explain("first.jpg", in: journal)
        let second = try #require(try await journal.claim(drop("second.jpg"), in: tree.inbox))
        let day = second.outputs.day.text
        try folder.write("stale", to: "outbox/\(day)/2-second.jpg.cam.jpg")
        let again = try #require(try await journal.recover().first)
        #expect(try await journal.reuse(again)?.arrival == 1)
        let overlay = folder.path.appending("outbox/\(day)/2-second.jpg.cam.jpg").string
        #expect(try String(contentsOfFile: overlay, encoding: .utf8) == "overlay of 1")
    }

    // MARK: Waiting

    @Test("a waiting image says why, costs no attempt, and goes on, also after a restart") func waiting() async throws {
        let journal = journal()
        let claim = try #require(try await journal.claim(drop("cat.jpg"), in: tree.inbox))
        try folder.write("half", to: "outbox/\(claim.outputs.temporaryOverlay(0, .jpeg, attempt: 1).text)")
        let waiting = try await journal.wait(claim, because: Failure(.diskFull, "The disk is full."))
        var row = try log()[0]
        #expect(row["state"] == .text("waiting") && row["error_text"] == .text("The disk is full."))
        #expect(row["attempt"] == .integer(0))
        #expect(try files(in: "outbox").isEmpty)
        #expect(try await journal.resume(waiting) == nil)
        let begun = try await journal.begin(waiting)
        row = try log()[0]
        #expect(row["state"] == .text("claimed") && row["error_text"] == .null && row["attempt"] == .integer(1))
        _ = try await journal.wait(begun, because: Failure(.diskFull, "The disk is full."))
        #expect(try await journal.begin(#require(journal.recover().first)).attempt == 1)
    }

    @Test("a file that somebody took out of work/ has vanished") func tookAway() async throws {
        let journal = journal()
        let claim = try #require(try await journal.claim(drop("cat.jpg"), in: tree.inbox))
        try FileManager.default.removeItem(atPath: claim.path.string)
        #expect(try await journal.resume(claim) == .vanished)
        #expect(try states() == [.text("vanished")])
        #expect(try folder.names(in: "work").isEmpty)
    }

    @Test("a full disk is found before anything is claimed") func room() async throws {
        let journal = journal { $0.minFreeBytes = .max }
        let file = try drop("cat.jpg")
        let failure = await #expect(throws: Failure.self) { try await journal.claim(file, in: tree.inbox) }
        #expect(failure?.code == .diskFull && failure?.remedy.contains("limits.min_free_bytes") == true)
        #expect(try files(in: "inbox") == ["cat.jpg"])
        #expect(try log().isEmpty)
    }

    @Test("a file over the limit is claimed unread: the worker says so") func tooLarge() async throws {
        let claim = try await journal { $0.maxFileBytes = 3 }.claim(drop("cat.jpg"), in: tree.inbox)
        #expect(try #require(claim).sha256 == nil)
    }

    // MARK: Once more

    @Test("retry: a failed image comes back with its first attempt, and the reason goes") func retry() async throws {
        let journal = journal()
        let claim = try #require(try await journal.claim(drop("cat.jpg"), in: tree.inbox))
        try await journal.fail(claim, because: Failure(.workerCrashed, "The worker died."))
        #expect(try store.request(.retry, of: .all(since: nil, label: nil)) == [1])
        let again = try #require(try await journal.nextRepetition())
        #expect(try await journal.begin(again).attempt == 1)
        #expect(try files(in: "failed").isEmpty)
        #expect(try await journal.nextRepetition() == nil)
        try await explain(journal.begin(again), in: journal)
        #expect(try states() == [.text("done")])
        #expect(try files(in: "done") == ["1-cat.jpg"])
    }

    @Test("retry: killed before the row, the image is back in failed/; one that is gone is refused")
    func retryCutOff() async throws {
        let journal = journal()
        let claim = try #require(try await journal.claim(drop("cat.jpg"), in: tree.inbox))
        try await journal.fail(claim, because: Failure(.workerCrashed, "The worker died."))
        let row = try #require(try store.arrival(id: 1))
        _ = try tree.work.makingDirectory(row.claimFolder)
        try FileManager.default.moveItem(
            atPath: folder.path.appending("failed/1-cat.jpg").string,
            toPath: folder.path.appending("work/\(row.claim)/cat.jpg").string)
        #expect(try await journal.recover().isEmpty)
        #expect(try files(in: "failed") == ["1-cat.jpg", "1-cat.jpg.txt"])
        try FileManager.default.removeItem(atPath: folder.path.appending("failed/1-cat.jpg").string)
        _ = try store.request(.retry, of: .ids([1]))
        #expect(try await journal.nextRepetition() == nil)
        #expect(try states() == [.text("failed")])
        #expect(try folder.names(in: "work").isEmpty)
    }

    @Test("retry: what a try moved whose row could not be written is taken up by the next one") func retryAgain()
        async throws
    {
        let journal = journal()
        let claim = try #require(try await journal.claim(drop("cat.jpg"), in: tree.inbox))
        try await journal.fail(claim, because: Failure(.workerCrashed, "The worker died."))
        _ = try store.request(.retry, of: .ids([1]))
        let log = try DatabaseQueue(path: folder.path.appending("log.db").string)
        try await log.write {
            try $0.execute(
                sql: "CREATE TRIGGER refuse BEFORE UPDATE ON arrival BEGIN SELECT RAISE(ABORT, 'no'); END")
        }
        await #expect(throws: DatabaseError.self) { try await journal.nextRepetition() }
        try await log.write { try $0.execute(sql: "DROP TRIGGER refuse") }
        #expect(try await journal.nextRepetition()?.id == 1)
        #expect(try states() == [.text("claimed")])
    }

    @Test("reexplain: a row of its own beside the old one; the original stays where it is") func reexplain()
        async throws
    {
        let journal = journal()
        try await explain("cat.jpg", in: journal)
        try startRun(fingerprint: "two")
        #expect(try store.request(.reexplain, of: .ids([1, 99])) == [1])
        let again = try #require(try await journal.nextRepetition())
        #expect(again.id == 2)
        #expect(try await journal.reuse(again) == nil)
        try await explain(again, in: journal)
        let rows = try log()
        #expect(rows.map { $0["reexplains"] } == [.null, .integer(1)])
        #expect(try files(in: "done") == ["1-cat.jpg"])
        #expect(try files(in: "outbox") == ["1-cat.jpg.cam.jpg", "2-cat.jpg.cam.jpg"])
        #expect(try folder.names(in: "work").isEmpty)
        // Of the second one, too, the original is found.
        _ = try store.request(.reexplain, of: .ids([2]))
        #expect(try await journal.nextRepetition()?.id == 3)
        #expect(try await journal.nextRepetition() == nil)
    }

    @Test("reexplain: killed before the row, the second name is known as what it is") func reexplainCutOff()
        async throws
    {
        let journal = journal()
        try await explain("cat.jpg", in: journal)
        let id = ClaimID(reexplaining: 1)
        _ = try tree.work.makingDirectory(id.folder)
        try folder.write("picture", to: "work/\(id.text)/cat.jpg")
        let claim = try #require(try await journal.recover().first)
        try await explain(claim, in: journal)
        #expect(try log().map { $0["reexplains"] } == [.null, .integer(1)])
        #expect(try files(in: "done") == ["1-cat.jpg"])
    }
}
