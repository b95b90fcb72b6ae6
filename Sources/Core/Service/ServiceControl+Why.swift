import Foundation
import Glibc
import SystemPackage

extension ServiceControl {
    package func why(_ path: RawPath) async throws -> WhyReport {
        if let file = InboxFile(path.path, below: tree.inbox.path) { return try await why(file) }
        // Originals and overlays begin with the id of their row.
        if let name = path.path.lexicallyNormalized().lastComponent,
            path.path.lexicallyNormalized().starts(with: settings.root),
            let id = Int64(name.string.prefix { $0.isNumber }), let row = try store.arrival(id: id)
        {
            return try report(on: row)
        }
        return WhyReport(
            name: path.path.string.readable, state: .outside,
            sentence: "it does not lie below \(tree.inbox.path), which is what is watched",
            remedy: "Drop it there, or give the path of a file that lies there.")
    }

    func why(_ file: InboxFile) async throws -> WhyReport {
        let newest = try store.newest(named: Data(file.bytes), text: file.text)
        if let newest, [.claimed, .waiting].contains(newest.state) { return try report(on: newest) }
        let verdict = await watcher.verdict(on: file)
        if verdict == .absent {
            return try newest.map { try report(on: $0) }
                ?? WhyReport(name: file.text, state: .absent, sentence: "it is not in the inbox, and never was")
        }
        let (standing, reason, since) = standing(progress.snapshot)
        switch verdict {
        case .ready where standing != .running, .handedOut where standing != .running,
            .notYetSeen where standing != .running:
            return WhyReport(
                name: file.text, state: .held, sentence: "it waits, for nothing is taken: \(reason ?? "")",
                remedy: standing == .paused ? "gradcam resume" : nil, since: since)
        default:
            return WhyReport(name: file.text, state: .init(verdict), sentence: verdict.sentence)
        }
    }

    private func report(on row: ArrivalRecord) throws -> WhyReport {
        var report = WhyReport(
            name: row.nameText, state: .init(row.state), sentence: "", id: row.id, attempt: row.attempt,
            since: row.finishedAt ?? row.claimedAt)
        switch row.state {
        case .claimed: report.sentence = "it is in work: attempt \(row.attempt)"
        case .waiting:
            report.sentence = "it waits: \(row.failure.message)"
            report.remedy = row.failure.remedy
        case .done:
            report.sentence =
                row.sameAs.map { "it is explained, as image \($0) of the same content" } ?? "it is explained"
            report.overlay = try row.id.flatMap { try store.overlays(of: $0).first }.map(RawPath.init)
        case .failed:
            report.sentence = "it failed: \(row.failure.message)"
            report.remedy = row.failure.remedy
        case .vanished: report.sentence = "somebody removed or changed it before it was explained"
        }
        if report.remedy?.isEmpty == true { report.remedy = nil }
        return report
    }
}

extension InboxFile {
    /// - Returns: `nil` where the path does not lie below the inbox.
    init?(_ path: FilePath, below inbox: FilePath) {
        var path = path.lexicallyNormalized()
        if !path.removePrefix(inbox.lexicallyNormalized()) {
            // The same folder by another way.
            guard let last = path.lastComponent else { return nil }
            path = path.removingLastComponent().resolved.appending(last)
            guard path.removePrefix(inbox.resolved) else { return nil }
        }
        let names = path.components.compactMap { component in
            component.withPlatformString { FileName(bytes: String.bytes(of: $0)) }
        }
        guard let name = names.last, names.count == path.components.count else { return nil }
        self.init(folders: Array(names.dropLast()), name: name)
    }
}

extension String {
    fileprivate static func bytes(of characters: UnsafePointer<CChar>) -> [UInt8] {
        UnsafeRawBufferPointer(start: characters, count: strlen(characters)).map { $0 }
    }
}

extension WhyReport.State {
    init(_ verdict: InboxVerdict) {
        self =
            switch verdict {
            case .absent: .absent
            case .ignored: .ignored
            case .tooDeep: .tooDeep
            case .symbolicLink: .link
            case .notRegular, .directory: .notRegular
            case .unreadable, .failing: .unreadable
            case .openForWriting: .openByWriter
            case .settling, .notYetSeen: .settling
            case .incomplete: .incomplete
            case .ready: .ready
            case .handedOut: .inWork
            case .inboxMissing: .held
            }
    }

    fileprivate init(_ state: ArrivalRecord.State) {
        self =
            switch state {
            case .claimed: .inWork
            case .waiting: .waiting
            case .done: .done
            case .failed: .failed
            case .vanished: .vanished
            }
    }
}
