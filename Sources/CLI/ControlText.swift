import Core
import SystemPackage

/// Answers of the service, and of `why` without it, as a person reads them. Each line ends with a line feed.
enum ControlText {
    static func text(of report: WhyReport) -> String {
        var lines = ["\(report.name.readable): \(report.sentence.readable)"]
        if let overlay = report.overlay { lines.append("  -> \(overlay.path.string.readable)") }
        if let remedy = report.remedy, !remedy.isEmpty { lines.append("  \(remedy.readable)") }
        if let id = report.id {
            lines.append("  row \(id) of the log" + (report.attempt.map { ", attempt \($0)" } ?? ""))
        }
        return lines.map { $0 + "\n" }.joined()
    }

    static func text(of report: SyncReport) -> String {
        var lines = [
            "\(Quantity.count(report.finished)) finished"
                + (report.failed > 0 ? ", \(Quantity.count(report.failed)) of them failed: see 'gradcam log'" : "")
        ]
        if report.timedOut { lines.append("the time ran out") }
        if report.heldCount > 0 { lines.append("\(Quantity.count(report.heldCount)) not finished:") }
        lines += report.held.map { "  \($0.name.readable): \($0.sentence.readable)" }
        if report.heldCount > report.held.count, !report.held.isEmpty { lines.append("  …") }
        return lines.map { $0 + "\n" }.joined()
    }

    static func text(ofPause report: PauseReport) -> String {
        let rest =
            report.inWork > 0
            ? "; \(Quantity.count(report.inWork, "image")) in work \(report.inWork == 1 ? "is" : "are") finished" : ""
        return "paused, also after a restart\(rest). 'gradcam resume' goes on.\n"
    }

    static func text(ofResume report: PauseReport) -> String {
        if report.state == .running { return "resumed\n" }
        let reason = report.reason.map { ": \($0.readable)" } ?? ""
        return "resumed, but it is \(report.state == .paused ? "paused" : "waiting")\(reason)\n"
    }

    static func text(of report: ReloadReport) -> String {
        guard !report.changes.isEmpty else { return "nothing has changed\n" }
        return report.changes.map { "\($0)\n" }.joined()
            + "in force, with \(report.replacedWorkers ? "new" : "the same") workers of \(report.model.readable)\n"
    }

    /// - Parameter verb: "tried again".
    static func text(of report: RequeueReport, _ verb: String) -> String {
        let ids = report.ids.prefix(10).map(String.init).joined(separator: ", ")
        let more = report.count > min(10, report.ids.count) ? ", …" : ""
        let isOne = report.count == 1
        var lines = [
            report.count == 0
                ? "nothing is \(verb)"
                : "\(Quantity.count(report.count, "image")) \(isOne ? "is" : "are") \(verb): \(isOne ? "row" : "rows") "
                    + ids + more
        ]
        lines += report.refused.prefix(20).map { "row \($0.id) is not: \($0.reason.readable)" }
        if report.refusedCount > 20 { lines.append("… \(Quantity.count(report.refusedCount)) in all are not") }
        return lines.map { $0 + "\n" }.joined()
    }
}
