import Foundation
import GRDB
import SystemPackage

@testable import Core

/// A log whose rows have the times and numbers that a test gives them.
struct LogRows {
    let path: FilePath
    let store: Store
    private let folder: TemporaryFolder

    init(in folder: TemporaryFolder) throws {
        self.folder = folder
        path = folder.path.appending("log.db")
        store = try Store(path: path)
        try store.startRun(RunRecord(version: "1", modelFile: "/m.pt", model: Samples.model, workers: 1))
    }

    /// - Parameter content: equal for files of equal content.
    func claim(_ name: String, at time: String, content: String? = nil) throws -> Int64 {
        var record = ArrivalRecord(
            claim: ClaimID().text, name: Data(name.utf8), nameText: String(readable: name.utf8), bytes: 1000,
            modifiedAt: .now, owner: 0)
        record.claimedAt = time
        record.sha256 = content.map { Data($0.utf8) + Data(count: 32 - $0.utf8.count) }
        return try store.claim(record)
    }

    @discardableResult
    func done(
        _ name: String, at time: String, _ explanation: Explanation = Samples.explanation(), content: String? = nil,
        sameAs earlier: Int64? = nil, overlay: FilePath? = nil
    ) throws -> Int64 {
        let id = try claim(name, at: time, content: content)
        if let earlier {
            try store.complete(id, as: earlier, overlays: [:])
        } else {
            try store.complete(id, explanation, overlays: overlay.map { [$0] } ?? [])
        }
        try change("UPDATE arrival SET finished_at = ? WHERE id = ?", [time, id])
        return id
    }

    @discardableResult
    func failed(_ name: String, at time: String, _ failure: Failure, content: String? = nil) throws -> Int64 {
        let id = try claim(name, at: time, content: content)
        try store.fail(id, because: failure)
        try change("UPDATE arrival SET finished_at = ? WHERE id = ?", [time, id])
        return id
    }

    func change(_ sql: String, _ arguments: StatementArguments = []) throws {
        try store.database.write { try $0.execute(sql: sql, arguments: arguments) }
    }

    /// Reads as a person does: with a connection of one's own.
    func rows(_ sql: String) throws -> [Row] {
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        return try DatabaseQueue(path: path.string, configuration: configuration).read {
            try Row.fetchAll($0, sql: sql)
        }
    }
}

extension Row {
    /// Numbers of some columns, so that a test compares them at once.
    func numbers(_ columns: String...) -> [Double?] { columns.map { self[$0] as Double? } }
}

/// Whether numbers are equal but for rounding.
func near(_ left: Double?, _ right: Double, by tolerance: Double = 1e-6) -> Bool {
    guard let left else { return false }
    return abs(left - right) <= tolerance
}
