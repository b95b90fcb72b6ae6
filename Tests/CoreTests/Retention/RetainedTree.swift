import Foundation
import GRDB
import Logging
import SystemPackage
import Testing

@testable import Core

/// A tree and a log with images of hand-made dates.
struct RetainedTree {
    let folder: TemporaryFolder
    let tree: Tree
    let store: Store
    let now: Timestamp

    /// Noon of 2026-11-25. The log's first run was in January of that year.
    init() throws {
        folder = try TemporaryFolder()
        tree = try Tree(root: folder.path)
        store = try Store(path: folder.path.appending("log.db"))
        now = Timestamp(milliseconds: try #require(Timestamp(startOf: "2026-11-25")).milliseconds + 43_200_000)
        try store.startRun(RunRecord(version: "1", modelFile: "/m", model: Samples.model, workers: 1))
        try sql("UPDATE run SET started_at = '2026-01-01T00:00:00.000Z'")
    }

    func sql(_ text: String) throws { try store.database.write { try $0.execute(sql: text) } }

    func number(_ query: String) throws -> Int {
        try store.database.read { try Int.fetchOne($0, sql: query) } ?? 0
    }

    func columns(of table: String) throws -> [String] {
        try store.database.read { try $0.columns(in: table).map(\.name) }
    }

    /// Runs the retention once.
    @discardableResult
    func run(
        _ policy: RetentionPolicy, isSynchronized: Bool = true, pause: @escaping @Sendable () throws -> Void = {}
    ) async -> Removed {
        let retention = Retention(
            policy: policy, tree: tree, store: store, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            isSynchronized: { isSynchronized }, pause: pause)
        return await retention.pass(now: now)
    }

    /// A file with the time of its day, or of another.
    func write(_ path: String, bytes: Int = 1000, modified: Timestamp? = nil) throws {
        let file = folder.path.appending(FilePath(path).components)
        try FileManager.default.createDirectory(
            atPath: file.removingLastComponent().string, withIntermediateDirectories: true)
        try Data(repeating: 120, count: bytes).write(to: URL(filePath: file.string))
        try setTime(of: path, to: modified ?? Timestamp(milliseconds: 1_420_070_400_000))
    }

    func setTime(of path: String, to time: Timestamp) throws {
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: Double(time.milliseconds) / 1000)],
            ofItemAtPath: folder.path.appending(FilePath(path).components).string)
    }

    /// Regular files and links below a folder.
    func files(_ name: String) throws -> [String] {
        try folder.names(in: name).filter { path in
            var status = stat()
            lstat(folder.path.appending(FilePath("\(name)/\(path)").components).string, &status)
            return status.st_mode & S_IFMT != S_IFDIR
        }
    }

    // MARK: - Images

    /// The row of an image that was claimed and ended so many days ago, without files.
    func row(_ name: String, daysAgo: Int, state: ArrivalRecord.State = .done, overlays: [FilePath] = []) throws
        -> Int64
    {
        let time = now.advanced(byDays: -daysAgo)
        let digits = String(time.milliseconds, radix: 16)
        let claim = String(repeating: "0", count: 12 - digits.count) + digits + String(ClaimID().text.suffix(12))
        let id = try store.claim(
            ArrivalRecord(
                claim: claim, name: Data("sub/\(name)".utf8), nameText: name, bytes: 1, modifiedAt: time, owner: 0))
        switch state {
        case .done: try store.complete(id, explanation(overlays), overlays: overlays)
        case .failed: try store.fail(id, because: Failure(.notAnImage, "It is text."))
        default: break
        }
        try sql("UPDATE arrival SET claimed_at = '\(time.text)' WHERE id = \(id)")
        if state != .claimed {
            try sql("UPDATE arrival SET state = '\(state.rawValue)', finished_at = '\(time.text)' WHERE id = \(id)")
        }
        return id
    }

    /// As many predictions as overlays, each with its own.
    private func explanation(_ overlays: [FilePath]) -> Explanation {
        var explanation = Samples.explanation(overlays: overlays.count)
        let prediction = explanation.predictions[0]
        explanation.predictions = overlays.indices.map { index in
            var prediction = prediction
            prediction.overlay = index
            return prediction
        }
        return explanation
    }

    func day(daysAgo: Int) -> String { now.advanced(byDays: -daysAgo).day.text }

    /// An image with its original, two overlays and a heat map.
    @discardableResult
    func image(_ name: String, daysAgo: Int, state: ArrivalRecord.State = .done) throws -> Int64 {
        let day = day(daysAgo: daysAgo)
        let next = try number("SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'arrival'")
        let outputs = ["cam.jpg", "cam-2.jpg", "heat.npy"].map { "outbox/\(day)/\(next)-\(name).\($0)" }
        let id = try row(
            name, daysAgo: daysAgo, state: state,
            overlays: state == .done ? outputs.prefix(2).map { folder.path.appending(FilePath($0).components) } : [])
        #expect(id == next)
        for path in outputs { try write(path) }
        try write("done/\(day)/\(id)-\(name)")
        return id
    }

    /// Names of overlays that rows point to and that are not there.
    func danglingOverlays() throws -> [String] {
        let paths = try store.database.read {
            try String.fetchAll(
                $0,
                sql: """
                    SELECT overlay FROM explanation WHERE overlay IS NOT NULL
                    UNION SELECT overlay FROM detection WHERE overlay IS NOT NULL
                    """)
        }
        return paths.filter { !FileManager.default.fileExists(atPath: $0) }
    }
}
