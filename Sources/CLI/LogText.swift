import Core

/// Rows of the log for people and for programs.
struct LogText {
    enum Form { case table, json, csv }

    private let form: Form
    private let isGrowing: Bool
    private var table: LogTable
    private var hasHeading = false

    /// - Parameter isGrowing: whether rows follow that are not known yet. JSON then is one object a line.
    init(_ form: Form, paint: Paint, isGrowing: Bool) {
        self.form = form
        self.isGrowing = isGrowing
        table = LogTable(paint: paint, isGrowing: isGrowing)
    }

    mutating func text(of entries: [LogReader.Entry]) throws -> String {
        switch form {
        case .table: return table.text(of: entries)
        case .csv:
            let heading = hasHeading ? "" : entries.first.map { Self.csvLine($0.columns.map(\.name)) } ?? ""
            hasHeading = hasHeading || !entries.isEmpty
            return heading + entries.map { Self.csvLine($0.columns.map(\.value.text)) }.joined()
        case .json where isGrowing:
            return try entries.map { try JSONText.text(of: $0.object, isIndented: false) }.joined()
        case .json:
            return try JSONText.text(of: entries.map(\.object))
        }
    }

    private static func csvLine(_ fields: [String]) -> String { fields.map(quoted).joined(separator: ",") + "\r\n" }

    /// RFC 4180, section 2.
    private static func quoted(_ field: String) -> String {
        guard field.contains(where: { "\",\r\n".contains($0) }) else { return field }
        return "\"" + field.replacing("\"", with: "\"\"") + "\""
    }
}

extension LogReader.Entry {
    fileprivate var object: [String: JSONValue] {
        Dictionary(uniqueKeysWithValues: columns.map { ($0.name, JSONValue(value: $0.value)) })
    }
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
