import Foundation
import Glibc
import SystemPackage

extension ServiceControl {
    package func status() async throws -> StatusReport {
        let now = progress.snapshot
        let inbox = await watcher.snapshot
        let (state, reason, since) = standing(now)
        return StatusReport(
            state: state, reason: reason, since: since, version: Version.current, pid: getpid(),
            startedAt: now.startedAt.text,
            model: .init(name: model.name, file: RawPath(settings.model.file)),
            queue: queue(now, inbox),
            totals: .init(done: now.done, failed: now.failed, reused: now.reused),
            rates: rates(now),
            lastErrors: now.problems.reversed().map { problem in
                .init(
                    time: problem.time.text, name: problem.name, code: problem.failure.code,
                    message: problem.failure.message, remedy: problem.failure.remedy)
            },
            space: try space(), workers: await generations.workers().map { StatusReport.Worker($0) },
            inbox: report(on: inbox), log: logReport())
    }

    func queue(_ now: Progress.Snapshot, _ inbox: InboxSnapshot) -> StatusReport.Queue {
        let waiting = now.work.values.count { $0.waiting != nil }
        return .init(
            settling: inbox.settling, ready: inbox.ready, inWork: now.work.count - waiting, waiting: waiting,
            moreInInbox: inbox.isLeftOut)
    }

    private func rates(_ snapshot: Progress.Snapshot) -> StatusReport.Rates {
        let now = Timestamp.now
        let uptime = Double(now.milliseconds - snapshot.startedAt.milliseconds) / 60_000
        func rate(_ minutes: Int) -> Double {
            Double(snapshot.rate.total(ofLast: minutes, at: now)) / max(1, min(Double(minutes), uptime))
        }
        return .init(minute: rate(1), fiveMinutes: rate(5), hour: rate(60))
    }

    func space() throws -> StatusReport.Space {
        .init(
            rootBytes: Int64(try FreeSpace(at: tree.outbox.path).bytes),
            logBytes: Int64(try FreeSpace(at: store.path.removingLastComponent()).bytes),
            neededBytes: Int64(settings.minFreeBytes))
    }

    private func report(on inbox: InboxSnapshot) -> StatusReport.Inbox {
        var report = StatusReport.Inbox(
            path: RawPath(tree.inbox.path), mode: .watching, watches: inbox.watches,
            unwatchedFolders: inbox.unwatchedFolders, overflows: inbox.overflows,
            openForWriting: inbox.openForWriting, incomplete: inbox.incomplete, unreadable: .init(inbox.unreadable),
            ignored: .init(inbox.ignored), special: .init(inbox.special), tooDeep: .init(inbox.tooDeep))
        if case .polling(let reason) = inbox.state { (report.mode, report.reason) = (.polling, reason) }
        return report
    }

    func logReport() -> StatusReport.Log {
        func size(_ path: FilePath) -> Int64 {
            var status = stat()
            return stat(path.string, &status) == 0 ? Int64(status.st_size) : 0
        }
        return .init(
            file: RawPath(store.path), bytes: size(store.path), walBytes: store.walSize)
    }
}

extension StatusReport.Names {
    fileprivate init(_ files: InboxSnapshot.Files) { self.init(count: files.count, first: files.first) }
}

extension StatusReport.Worker {
    fileprivate init(_ report: WorkerReport) {
        self.init(
            pid: report.processIdentifier, residentBytes: Int64(report.residentBytes ?? 0), images: report.images,
            busySeconds: report.busySince.map { ContinuousClock.now - $0 }?.inSeconds)
    }
}
