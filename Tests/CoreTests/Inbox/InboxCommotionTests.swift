import Foundation
import Glibc
import SystemPackage
import Testing

@testable import Core

/// People and programs at work in the inbox, all at once: nothing may be left behind. Periodic scans, which would find
/// it in the end, do not come in time.
@Suite("Commotion in the inbox", .serialized, .timeLimit(.minutes(5))) struct InboxCommotionTests {
    @Test("whatever is written, renamed and moved about, every file is handed out", arguments: 0..<4)
    func nothingLeft(seed: UInt64) async throws {
        var limits = InboxLimits()
        // Half of them with hardly any room for names.
        if seed % 2 == 1 { limits.known = 8 }
        limits.ready = 3
        let running = try await RunningWatcher(settle: .milliseconds(3), limits: limits)
        let taker = Task {
            while let ready = await running.watcher.next() {
                try? ready.inbox.directory(at: ready.file.folders).remove(ready.file.name)
                await running.watcher.taken(ready)
            }
        }
        defer { taker.cancel() }
        var people = try Commotion(running.inbox, outside: running.root.path.appending("outside"), seed: seed)
        for step in 0..<800 {
            people.act()
            if step % 50 == 0 { try await Task.sleep(for: .milliseconds(5)) }
        }
        try people.bringBack()
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(90)
        try await running.eventually {
            if try people.files().isEmpty { return true }
            // Far more than it needs: what is left then is lost.
            guard clock.now > deadline else {
                try await Task.sleep(for: .milliseconds(50))
                return false
            }
            for path in try people.files() {
                Issue.record("\(path): \(await running.verdict(try file(path, in: running.inbox)).sentence)")
            }
            return true
        }
        #expect(people.written > 200)
    }
}

private func file(_ path: String, in inbox: FilePath) throws -> InboxFile {
    let names = try path.dropFirst(inbox.string.utf8.count + 1).split(separator: "/").map {
        try #require(FileName(String($0)))
    }
    return InboxFile(folders: names.dropLast(), name: try #require(names.last))
}

/// Random changes of a tree of folders. Most calls fail now and then, since somebody takes the files away.
private struct Commotion {
    private let inbox: String
    private let outside: String
    private var random: SplitMix
    private(set) var written = 0
    private var moved = 0
    /// As they were some steps ago; programs do not know better either.
    private var folders: [String] = []
    private var known: [String] = []
    private var steps = 0
    private var depth: Int { inbox.count { $0 == "/" } + 8 }

    init(_ inbox: FilePath, outside: FilePath, seed: UInt64) throws {
        self.inbox = inbox.string
        self.outside = outside.string
        random = SplitMix(state: seed)
        try #require(mkdir(outside.string, 0o770) == 0)
    }

    /// All paths below the inbox, shortest first, hidden ones left out.
    private func paths(areFolders: Bool) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: inbox).filter { path in
            var status = stat()
            guard !path.hasPrefix("."), lstat("\(inbox)/\(path)", &status) == 0 else { return false }
            return (status.st_mode & S_IFMT == S_IFDIR) == areFolders
        }.map { "\(inbox)/\($0)" }.sorted()
    }

    func files() throws -> [String] { try paths(areFolders: false) }

    private mutating func pick(_ paths: [String]) -> String? { paths.randomElement(using: &random) }

    private mutating func folder() -> String {
        pick(folders + [inbox, inbox]) ?? inbox
    }

    private mutating func name() -> String { String(Int.random(in: 0..<40, using: &random)) }

    mutating func act() {
        if steps % 20 == 0 {
            // Not as deep as the watcher goes.
            folders = ((try? paths(areFolders: true)) ?? []).filter { $0.count { $0 == "/" } < depth }
            known = (try? files()) ?? []
        }
        steps += 1
        switch Int.random(in: 0..<12, using: &random) {
        case 0:
            _ = mkdir("\(folder())/d\(name())", 0o770)
        case 1:
            let path = "\(folder())/d\(name())/e\(name())/f"
            try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            write("\(path)/\(name()).jpg")
        case 2:
            if let file = pick(known) { _ = rename(file, "\(folder())/\(name()).jpg") }
        case 3, 4:
            // Fails where the target lies below the folder itself.
            _ = rename(folder(), "\(folder())/d\(name())")
        case 5:
            let path = folder()
            if path != inbox, rename(path, "\(outside)/\(moved)") == 0 { moved += 1 }
        case 6:
            for path in (try? FileManager.default.contentsOfDirectory(atPath: outside)) ?? [] {
                _ = rename("\(outside)/\(path)", "\(folder())/back\(moved)-\(path)")
            }
        case 7:
            let path = "\(folder())/\(name())"
            write("\(path).part")
            _ = rename("\(path).part", "\(path).jpg")
        case 8:
            if let file = pick(known) { _ = unlink(file) }
        default:
            write("\(folder())/\(name()).jpg")
        }
    }

    private mutating func write(_ path: String) {
        let file = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0o644)
        guard file >= 0 else { return }
        written += Glibc.write(file, "x", 1)
        close(file)
    }

    mutating func bringBack() throws {
        for path in try FileManager.default.contentsOfDirectory(atPath: outside) {
            try #require(rename("\(outside)/\(path)", "\(inbox)/last-\(path)") == 0)
        }
    }
}
