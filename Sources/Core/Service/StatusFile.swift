package import Logging
import ServiceLifecycle
import SystemPackage

/// Keeps `inbox/_STATUS.txt` up to date, for people who see the share and have no shell (`inbox.status_file`).
package struct StatusFile: Service {
    private static let name: FileName = "_STATUS.txt"
    private static let period: Duration = .seconds(5)

    private let control: ServiceControl
    private let watcher: InboxWatcher
    private let writer = Writer()
    private let logger: Logger

    package init(control: ServiceControl, watcher: InboxWatcher, logger: Logger) {
        self.control = control
        self.watcher = watcher
        self.logger = logger
    }

    package func run() async throws {
        var written = ""
        repeat {
            guard let report = try? await control.status() else { continue }
            let text = Self.text(of: report)
            guard text != written, report.state != .inboxMissing else { continue }
            if await write("\(Timestamp.now.minute) UTC\n\(text)") { written = text }
        } while (try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.period) }) != nil
            && !Task.isShuttingDownGracefully
        _ = await write("\(Timestamp.now.minute) UTC\ngradcamd is stopped. Images wait here until it runs again.\n")
    }

    private func write(_ text: String) async -> Bool {
        do {
            try await writer.write(text, to: Self.name, in: watcher.directory)
            return true
        } catch {
            logger.debug("_STATUS.txt could not be written: \(error)")
            return false
        }
    }

    /// fsync(2) blocks.
    private actor Writer {
        private let executor = ThreadExecutor(name: "status file")
        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        func write(_ text: String, to name: FileName, in directory: Directory) throws {
            try directory.write(text, to: name)
        }
    }
}

extension StatusFile {
    static func text(of report: StatusReport) -> String {
        var lines = ["gradcamd \(standing(of: report))", ""]
        let queue = report.queue
        lines += [
            "Still arriving: \(queue.settling).  Next in line: \(queue.ready)\(queue.moreInInbox ? " and more" : "").  "
                + "In work: \(queue.inWork).  Waiting: \(queue.waiting).",
            "Since \(report.startedAt.prefix(16)): \(report.totals.done) done, \(report.totals.failed) failed.",
        ]
        lines += section(
            "Files that may not be read (give the group of the service read access):", report.inbox.unreadable)
        lines += section("Ignored by their name for more than an hour:", report.inbox.ignored)
        lines += section("No files (links, pipes, devices), never taken:", report.inbox.special)
        if !report.lastErrors.isEmpty {
            lines += ["", "Last problems:"]
            lines += report.lastErrors.map { error in
                "  \(error.time.dropFirst(11).prefix(5)) \(error.name): \(error.message) \(error.remedy)"
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func standing(of report: StatusReport) -> String {
        let reason = report.reason.map { ": \($0)" } ?? ""
        return switch report.state {
        case .running: "is running."
        case .paused: "is paused\(reason)"
        case .waiting: "waits\(reason)"
        case .inboxMissing: "does not find the inbox\(reason)"
        }
    }

    private static func section(_ title: String, _ files: StatusReport.Names) -> [String] {
        guard files.count > 0 else { return [] }
        let more = files.count - files.first.count
        return ["", title] + files.first.map { "  \($0)" } + (more > 0 ? ["  and \(more) more"] : [])
    }
}

extension Timestamp {
    /// "2026-11-25 08:14".
    fileprivate var minute: String { "\(text.prefix(10)) \(text.dropFirst(11).prefix(5))" }
}
