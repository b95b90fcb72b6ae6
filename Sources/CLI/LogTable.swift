import Core
import Foundation

/// Rows of the log as lines under a heading. Columns are as wide as the first rows need; what follows keeps to that
/// as far as it fits.
struct LogTable {
    private static let columns = ["id", "time", "name", "state", "label", "score", "note"]
    private static let state = 3
    /// Of what comes later, where nothing came yet.
    private static let usualWidths = [4, 19, 24, 7, 16, 5, 0]

    private let paint: Paint
    private var widths: [Int]?
    private let isGrowing: Bool

    /// - Parameter isGrowing: whether rows follow that are not known yet.
    init(paint: Paint, isGrowing: Bool = false) {
        self.paint = paint
        self.isGrowing = isGrowing
    }

    /// Lines of these rows; at first with the heading.
    mutating func text(of entries: [LogReader.Entry]) -> String {
        let rows = entries.map(cells)
        guard let widths else {
            let lines = [Self.columns] + rows
            let widths = Self.columns.indices.map { column in
                (lines.map { $0[column].count } + [isGrowing ? Self.usualWidths[column] : 0]).max() ?? 0
            }
            self.widths = widths
            return lines.map { line($0, widths) }.joined()
        }
        return rows.map { line($0, widths) }.joined()
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        let end = cells.lastIndex { !$0.isEmpty } ?? 0
        let padded = cells.indices.prefix(end + 1).map { column in
            let text = painted(cells[column], column)
            return column == end
                ? text : text + String(repeating: " ", count: max(0, widths[column] - cells[column].count))
        }
        return padded.joined(separator: "  ") + "\n"
    }

    private func painted(_ cell: String, _ column: Int) -> String {
        guard column == Self.state else { return cell }
        switch cell {
        case "done": return paint(.green, cell)
        case "failed": return paint(.red, cell)
        case "waiting", "vanished": return paint(.yellow, cell)
        default: return cell
        }
    }

    private func cells(of entry: LogReader.Entry) -> [String] {
        let cells =
            [entry["id"].text, String(entry["time"].text.prefix(19)), entry["name"].text, entry["state"].text]
            + [entry["label"].text, score(entry["score"]), note(entry)]
        return cells.map(\.readable)
    }

    private func note(_ entry: LogReader.Entry) -> String {
        if case .text(let error) = entry["error_text"] { return error }
        if entry["zero_cam"] == .integer(1) { return "no positive evidence: the map is zero" }
        if entry["state"] == .text("done"), entry["label"] == .null { return "nothing found" }
        guard case .integer(let found) = entry["detections"], found > 1 else { return entry["notes"].text }
        let rest = "and \(found - 1) more" + (entry["capped"] == .integer(1) ? ", not all of them explained" : "")
        return entry["notes"] == .text("") ? rest : "\(rest). \(entry["notes"].text)"
    }

    private func score(_ value: LogReader.Entry.Value) -> String {
        guard case .real(let score) = value else { return "" }
        return String(format: "%.3f", score)
    }
}

extension LogReader.Entry.Value {
    /// "" for NULL.
    var text: String {
        switch self {
        case .null: ""
        case .integer(let integer): "\(integer)"
        case .real(let real): "\(real)"
        case .text(let text): text
        }
    }
}
