import Core
import Foundation

/// Rows of the log as a table, as JSON, as CSV.
enum LogText {
    static func table(_ entries: [LogReader.Entry]) -> String {
        var table = TextTable(columns: ["id", "time", "name", "state", "label", "score", "note"])
        for entry in entries {
            table.append(
                [text(entry["id"]), String(text(entry["time"]).prefix(19)), text(entry["name"]), text(entry["state"])]
                    + [text(entry["label"]), score(entry["score"]), note(entry)])
        }
        return table.text
    }

    private static func note(_ entry: LogReader.Entry) -> String {
        if case .text(let error) = entry["error_text"] { return error }
        if entry["zero_cam"] == .integer(1) { return "no positive evidence: the map is zero" }
        if entry["state"] == .text("done"), entry["label"] == .null { return "nothing found" }
        guard case .integer(let found) = entry["detections"], found > 1 else { return text(entry["notes"]) }
        let rest = "and \(found - 1) more" + (entry["capped"] == .integer(1) ? ", not all of them explained" : "")
        return entry["notes"] == .text("") ? rest : "\(rest). \(text(entry["notes"]))"
    }

    private static func score(_ value: LogReader.Entry.Value) -> String {
        guard case .real(let score) = value else { return "" }
        return String(format: "%.3f", score)
    }

    static func csv(_ entries: [LogReader.Entry]) -> String {
        guard let first = entries.first else { return "" }
        let lines = [first.columns.map(\.name)] + entries.map { $0.columns.map { text($0.value) } }
        return lines.map { $0.map(quoted).joined(separator: ",") + "\r\n" }.joined()
    }

    /// RFC 4180, section 2.
    private static func quoted(_ field: String) -> String {
        guard field.contains(where: { "\",\r\n".contains($0) }) else { return field }
        return "\"" + field.replacing("\"", with: "\"\"") + "\""
    }

    static func json(_ entries: [LogReader.Entry]) throws -> String {
        let objects = entries.map { entry in
            Dictionary(uniqueKeysWithValues: entry.columns.map { ($0.name, JSONValue(value: $0.value)) })
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(objects), as: UTF8.self) + "\n"
    }

    private struct JSONValue: Encodable {
        let value: LogReader.Entry.Value

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch value {
            case .null: try container.encodeNil()
            case .integer(let integer): try container.encode(integer)
            case .real(let real): try container.encode(real)
            case .text(let text): try container.encode(text)
            }
        }
    }

    private static func text(_ value: LogReader.Entry.Value) -> String {
        switch value {
        case .null: ""
        case .integer(let integer): "\(integer)"
        case .real(let real): "\(real)"
        case .text(let text): text
        }
    }
}
