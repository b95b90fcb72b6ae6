import Foundation
import GRDB
import Logging
import Synchronization
import SystemPackage
import Testing

@testable import Core

@Suite("Journal: images that end together") struct JournalTogetherTests {
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

    private func endings(_ count: Int) async throws -> [Ending] {
        var endings: [Ending] = []
        for index in 1...count {
            try folder.write("picture \(index)", to: "inbox/\(index).jpg")
            let name = try #require(FileName("\(index).jpg"))
            let claim = try #require(try await journal.claim(InboxFile(name: name), in: tree.inbox))
            let overlay = claim.outputs.temporaryOverlay(0, .jpeg, attempt: claim.attempt).text
            try folder.write("overlay \(index)", to: "outbox/\(overlay)")
            endings.append(Ending(claim: claim, explanation: Samples.explanation(), format: .jpeg, run: nil))
        }
        return endings
    }

    private func states() throws -> [Int64: ArrivalRecord.State] {
        try store.database.read { database in
            let rows = try ArrivalRecord.fetchAll(database)
            return Dictionary(uniqueKeysWithValues: rows.compactMap { row in row.id.map { ($0, row.state) } })
        }
    }

    private func names(in name: String) throws -> [String] {
        try folder.names(in: name).filter { $0.contains("/") }.map { String($0.split(separator: "/").last ?? "") }
            .sorted()
    }

    @Test("they share one transaction, and each has what it would have alone") func share() async throws {
        let endings = try await endings(3)
        let commits = CommitCounter()
        store.database.add(transactionObserver: commits)
        let results = await journal.finish(endings)
        #expect(commits.count == 1)
        for (index, result) in results.enumerated() {
            let overlay = try #require(try result.get().first)
            #expect(try String(contentsOfFile: overlay.string, encoding: .utf8) == "overlay \(index + 1)")
        }
        #expect(try states() == [1: .done, 2: .done, 3: .done])
        #expect(try names(in: "done") == ["1-1.jpg", "2-2.jpg", "3-3.jpg"])
        #expect(try folder.names(in: "work").isEmpty)
    }

    @Test("one without its overlay fails alone, before the rows") func missingOverlay() async throws {
        let endings = try await endings(3)
        let temporary = endings[1].claim.outputs.temporaryOverlay(0, .jpeg, attempt: 1).text
        try FileManager.default.removeItem(atPath: folder.path.appending("outbox/\(temporary)").string)
        let results = await journal.finish(endings)
        #expect(throws: Errno.noSuchFileOrDirectory) { try results[1].get() }
        #expect(try states() == [1: .done, 2: .claimed, 3: .done])
        #expect(try names(in: "done") == ["1-1.jpg", "3-3.jpg"])
        #expect(try folder.names(in: "work").contains { $0.hasSuffix("/2.jpg") })
    }

    @Test("one whose rows are refused fails alone, and keeps its original") func refusedRows() async throws {
        let endings = try await endings(3)
        try store.vanish(endings[0].claim.id)
        let results = await journal.finish(endings)
        #expect(throws: DatabaseError.self) { try results[0].get() }
        #expect(try states() == [1: .vanished, 2: .done, 3: .done])
        let rows = try await store.database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM explanation") }
        #expect(rows == 2)
        #expect(try names(in: "done") == ["2-2.jpg", "3-3.jpg"])
    }

    @Test("many at the same time end each with its own overlay") func atOnce() async throws {
        let endings = try await endings(20)
        let overlays = try await withThrowingTaskGroup(of: (Int64, FilePath?).self) { group in
            for ending in endings {
                group.addTask {
                    let overlays = try await journal.finish(
                        ending.claim, with: ending.explanation, format: ending.format)
                    return (ending.claim.id, overlays.first)
                }
            }
            return try await group.reduce(into: [Int64: FilePath]()) { $0[$1.0] = $1.1 }
        }
        #expect(try Set(states().values) == [.done] && overlays.count == 20)
        for (id, overlay) in overlays { #expect(overlay.lastComponent?.string == "\(id)-\(id).jpg.cam.jpg") }
        #expect(try folder.names(in: "work").isEmpty)
    }
}

/// How often the connection that writes has committed.
private final class CommitCounter: TransactionObserver, Sendable {
    private let commits = Mutex(0)

    var count: Int { commits.withLock { $0 } }

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { false }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseDidCommit(_ database: Database) { commits.withLock { $0 += 1 } }
    func databaseDidRollback(_ database: Database) {}
}
