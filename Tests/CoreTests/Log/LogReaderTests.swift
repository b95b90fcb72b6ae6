import Foundation
import SystemPackage
import Testing

@testable import Core

@Suite("Log reader") struct LogReaderTests {
    private let folder: TemporaryFolder
    private let path: FilePath
    private let store: Store

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path.appending("log.db")
        store = try Store(path: path)
        for (name, label) in [("a.jpg", "cat"), ("b.jpg", "dog"), ("c.jpg", "cat")] {
            let id = try store.claim(
                ArrivalRecord(
                    claim: name, name: Data(name.utf8), nameText: name, bytes: 1, modifiedAt: .now, owner: 0))
            try store.complete(id, Samples.explanation(label: label), overlays: [])
        }
    }

    private func names(_ filter: LogReader.Filter) throws -> [LogReader.Entry.Value] {
        try LogReader(path: path).entries(filter).map { $0["name"] }
    }

    @Test("the newest rows come, oldest first") func newest() throws {
        #expect(try names(.init(limit: 2)) == [.text("b.jpg"), .text("c.jpg")])
    }

    @Test("rows are found by label and by time") func filters() throws {
        #expect(try names(.init(limit: 9, label: "cat")) == [.text("a.jpg"), .text("c.jpg")])
        #expect(try names(.init(limit: 9, since: "2999-01-01")).isEmpty)
        #expect(try names(.init(limit: 9, since: "2001")).count == 3)
    }

    @Test("reading never makes a file") func missing() throws {
        let nowhere = folder.path.appending("nowhere.db")
        #expect(throws: StoreError.self) { try LogReader(path: nowhere) }
        #expect(!FileManager.default.fileExists(atPath: nowhere.string))
    }
}
