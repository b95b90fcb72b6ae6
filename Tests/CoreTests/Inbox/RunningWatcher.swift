import Foundation
import Glibc
import Logging
import Synchronization
import SystemPackage
import Testing

@testable import Core

/// A watcher that runs over a real folder `inbox` until the test is over.
final class RunningWatcher: Sendable {
    let root: TemporaryFolder
    let watcher: InboxWatcher
    let log: RecordedLog
    private let task: Task<Void, any Error>

    var inbox: FilePath { root.path.appending("inbox") }

    /// - Parameters:
    ///   - rescan: so long that a test which needs one would run into its limit.
    ///   - prepare: what is in the inbox before the watcher starts.
    init(
        settle: Duration = .milliseconds(60), rescan: Duration = .seconds(600), watch: WatchMode = .inotify,
        poll: Duration = .seconds(600), truncated: Duration = .seconds(600), limits: InboxLimits = InboxLimits(),
        id: String = "test", prepare: (FilePath) throws -> Void = { _ in }
    ) async throws {
        root = try TemporaryFolder()
        let path = root.path.appending("inbox")
        try #require(mkdir(path.string, 0o770) == 0)
        try prepare(path)
        let log = RecordedLog()
        self.log = log
        let watcher = try InboxWatcher(
            inbox: Directory(path), id: id,
            settings: Settings.Inbox(
                settle: settle, rescan: rescan, watch: watch, poll: poll, truncated: truncated, statusFile: false),
            limits: limits, logger: Logger(label: "test") { _ in log })
        self.watcher = watcher
        task = Task { try await watcher.run() }
    }

    deinit { task.cancel() }

    func stop() async { task.cancel(); _ = await task.result }

    /// As a claim does it: the file goes away from the inbox that it was handed out with.
    func take() async throws -> InboxFile {
        let ready = try #require(await watcher.next())
        try ready.inbox.directory(at: ready.file.folders).remove(ready.file.name)
        await watcher.taken(ready)
        return ready.file
    }

    func take(_ count: Int) async throws -> Set<String> {
        var names: Set<String> = []
        for _ in 0..<count { names.insert(try await take().text) }
        return names
    }

    func write(_ text: String = "x", to name: String) throws { try root.write(text, to: "inbox/\(name)") }

    func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(filePath: path(name)))
    }

    func path(_ name: String) -> String { inbox.appending(FilePath(name).components).string }

    func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: true)
    }

    /// What was dropped before is known when this returns.
    func barrier() async throws -> InboxBarrier {
        try await eventually { await watcher.hasScanned }
        return try await watcher.barrier()
    }

    func verdict(_ file: InboxFile) async -> InboxVerdict { await watcher.verdict(on: file) }

    /// Waits for a state that comes by itself; the suite's time limit ends it where it does not.
    func eventually(_ condition: () async throws -> Bool) async throws {
        while try await !condition() { try await Task.sleep(for: .milliseconds(5)) }
    }
}

/// Keeps the messages, each after its level.
final class RecordedLog: LogHandler, Sendable {
    private let lines = Mutex<[String]>([])

    var messages: [String] { lines.withLock(\.self) }

    func log(event: LogEvent) { lines.withLock { $0.append("\(event.level): \(event.message)") } }

    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }

    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }
}

extension InboxWatcher {
    fileprivate var hasScanned: Bool { completedScan > 0 && !isScanning }
}
