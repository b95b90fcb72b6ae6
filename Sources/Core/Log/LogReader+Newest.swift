import Foundation
import GRDB
import SystemPackage

extension LogReader {
    /// What became of the newest file of that name. Its call blocks.
    ///
    /// - Parameter name: its path below the inbox, as readable text.
    /// - Returns: `nil` where the log knows none.
    package func newest(named name: String) throws -> WhyReport? {
        let sql = """
            SELECT log.*, failures.remedy FROM log LEFT JOIN failures ON failures.id = log.id
            WHERE log.name = ? ORDER BY log.id DESC LIMIT 1
            """
        guard let row = try database.read({ try Row.fetchOne($0, sql: sql, arguments: [name]) }) else { return nil }
        return Self.report(on: row, name: name)
    }

    private static func report(on row: Row, name: String) -> WhyReport {
        let time: String = row["time"] ?? ""
        let at = "at \(time.prefix(16).replacing("T", with: " ")) UTC"
        var report = WhyReport(name: name, state: .inWork, sentence: "", id: row["id"], attempt: row["attempt"])
        report.since = time
        switch row["state"] as String? {
        case "done":
            report.state = .done
            report.overlay = path(in: row["overlay"])
            report.sentence = "it was explained \(at)\(answer(in: row))"
        case "failed":
            report.state = .failed
            report.sentence = "it failed \(at): \(row["error_text"] as String? ?? "")"
            report.remedy = (row["remedy"] as String?).flatMap { $0.isEmpty ? nil : $0 }
        case "vanished":
            report.state = .vanished
            report.sentence = "it was claimed, and had gone from work/ \(at)"
            report.remedy = "Drop it again."
        default:
            let attempt: Int = row["attempt"] ?? 1
            report.sentence = "it was claimed \(at), and attempt \(attempt) has not ended"
        }
        return report
    }

    /// ": tabby 81.3 %" where something was found.
    private static func answer(in row: Row) -> String {
        guard let label: String = row["label"], let score: Double = row["score"] else { return ": nothing found" }
        return ": \(label.readable) \((score * 1000).rounded() / 10) %"
    }

    private static func path(in value: DatabaseValue) -> RawPath? {
        switch value.storage {
        case .string(let text): RawPath(FilePath(text))
        case .blob(let data): RawPath(FilePath(bytes: Array(data)))
        case .null, .int64, .double: nil
        }
    }
}
