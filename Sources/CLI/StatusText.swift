import Core
import SystemPackage

/// The state of the service as a person reads it.
enum StatusText {
    static func text(of report: StatusReport, paint: Paint) -> String {
        var rows = Rows()
        rows.add("queue", queue(report))
        rows.add("done", done(report))
        rows.add("model", model(report))
        for worker in report.workers { rows.add("worker", text(of: worker)) }
        rows.add("space", space(report.space, paint))
        rows.add("log", log(report.log))
        for line in inbox(report.inbox) { rows.add("inbox", paint(.yellow, line)) }
        for error in report.lastErrors { rows.add("last errors", text(of: error)) }
        return headline(report, paint) + "\n" + rows.text
    }

    // MARK: - Lines

    private static func headline(_ report: StatusReport, _ paint: Paint) -> String {
        let name = "gradcamd \(report.version.readable)"
        let inbox = report.inbox.path.path.string.readable
        let since = "since \(Quantity.minute(report.since)) UTC"
        let reason = report.reason.map { ": \($0.readable)" } ?? ""
        switch report.state {
        case .running:
            let how = report.inbox.mode == .watching ? "watching" : "polling"
            return "\(name) is \(paint(.green, "running")) since \(Quantity.minute(report.startedAt)) UTC "
                + "(pid \(report.pid)): \(how) \(inbox)"
        case .paused: return "\(name) is \(paint(.yellow, "paused")) \(since) (pid \(report.pid))\(reason)"
        case .waiting: return "\(name) is \(paint(.yellow, "waiting")) \(since) (pid \(report.pid))\(reason)"
        case .inboxMissing:
            return "\(name) is \(paint(.red, "waiting")) \(since) (pid \(report.pid)) for its inbox \(inbox)\(reason)"
        }
    }

    private static func queue(_ report: StatusReport) -> String {
        let queue = report.queue
        let details = [
            (report.inbox.openForWriting, "open for writing"), (report.inbox.incomplete, "incomplete"),
        ].filter { $0.0 > 0 }.map { "\(Quantity.count($0.0)) \($0.1)" }
        let settling =
            "\(Quantity.count(queue.settling)) settling"
            + (details.isEmpty ? "" : " (\(details.joined(separator: ", ")))")
        return "\(settling), \(Quantity.count(queue.ready)) ready, \(Quantity.count(queue.inWork)) in work, "
            + "\(Quantity.count(queue.waiting)) waiting" + (queue.moreInInbox ? "; more in the inbox" : "")
    }

    private static func done(_ report: StatusReport) -> String {
        let (totals, rates) = (report.totals, report.rates)
        return "\(Quantity.count(totals.done)) (\(rate(rates.minute)) in the last minute, "
            + "\(rate(rates.hour)) a minute in the last hour), \(Quantity.count(totals.failed)) failed, "
            + "\(Quantity.count(totals.reused)) reused"
    }

    /// One decimal below 10.
    private static func rate(_ perMinute: Double) -> String {
        guard perMinute.isFinite, perMinute < 1e9 else { return "?" }
        let tenths = (perMinute * 10).rounded()
        if tenths < 100, tenths.truncatingRemainder(dividingBy: 10) != 0 { return "\(tenths / 10)" }
        return Quantity.count(Int(perMinute.rounded()))
    }

    private static func model(_ report: StatusReport) -> String {
        "\(report.model.name.readable), \(Quantity.count(report.workers.count, "worker"))"
    }

    private static func text(of worker: StatusReport.Worker) -> String {
        let doing = worker.busySeconds.map { "busy for \((max(0, $0) * 10).rounded() / 10) s" } ?? "idle"
        return "pid \(worker.pid): \(Quantity.size(worker.residentBytes)), "
            + "\(Quantity.count(worker.images, "image")), \(doing)"
    }

    private static func space(_ space: StatusReport.Space, _ paint: Paint) -> String {
        let text = "\(Quantity.size(space.rootBytes)) free for the tree, \(Quantity.size(space.logBytes)) for the log"
        guard min(space.rootBytes, space.logBytes) < space.neededBytes else { return text }
        return paint(.red, "\(text); \(Quantity.size(space.neededBytes)) are needed")
    }

    private static func log(_ log: StatusReport.Log) -> String {
        "\(log.file.path.string.readable), \(Quantity.size(log.bytes)) and \(Quantity.size(log.walBytes)) in -wal"
    }

    /// What a person should look after; nothing where all is as it should be.
    private static func inbox(_ inbox: StatusReport.Inbox) -> [String] {
        var lines: [String] = []
        if inbox.mode == .polling { lines.append("is polled" + (inbox.reason.map { ": \($0.readable)" } ?? "")) }
        if inbox.unwatchedFolders > 0 {
            lines.append(
                "\(Quantity.count(inbox.unwatchedFolders, "folder")) polled for want of watches: "
                    + "raise fs.inotify.max_user_watches")
        }
        if inbox.overflows > 0 {
            lines.append("the kernel dropped events \(Quantity.count(inbox.overflows, "time")); looked through again")
        }
        for (names, what) in [
            (inbox.unreadable, "cannot be read"), (inbox.ignored, "ignored for more than an hour, by name"),
            (inbox.special, "no regular files"), (inbox.tooDeep, "in too many folders"),
        ] where names.count > 0 {
            let shown = names.first.prefix(3).map(\.readable)
            let more = names.count > shown.count ? ", …" : ""
            lines.append("\(Quantity.count(names.count)) \(what): \(shown.joined(separator: ", "))\(more)")
        }
        return lines
    }

    private static func text(of error: StatusReport.LastError) -> String {
        let time = error.time.prefix(16).suffix(5)
        return ["\(time) \(error.name.readable): \(error.message.readable)", error.remedy.readable]
            .filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// Labels in a column of their own, each said once.
    private struct Rows {
        private var rows: [(label: String, text: String)] = []

        mutating func add(_ label: String, _ text: String) { rows.append((label, text)) }

        var text: String {
            let width = (rows.map(\.label.count).max() ?? 0) + 2
            var last = ""
            return rows.map { label, text in
                let shown = label == last ? "" : label
                last = label
                return shown + String(repeating: " ", count: width - shown.count) + text + "\n"
            }.joined()
        }
    }
}
