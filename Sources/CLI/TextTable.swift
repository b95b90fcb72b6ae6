import Core

/// Columns side by side, each as wide as its widest cell.
struct TextTable {
    private let columns: [String]
    private var rows: [[String]] = []

    init(columns: [String]) { self.columns = columns }

    mutating func append(_ row: [String]) { rows.append(row.map(\.readable)) }

    /// With a heading; each line ends with a line feed.
    var text: String {
        let lines = [columns] + rows
        let widths = columns.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { row in
            let cells = zip(row, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count)
            }
            var line = cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}

extension String {
    /// Each line made readable by itself: labels come from files.
    var readableLines: String {
        split(separator: "\n", omittingEmptySubsequences: false).map { String($0).readable }.joined(separator: "\n")
    }
}
