import Foundation
import GRDB
import SystemPackage

/// The rows of one explanation: itself, its detections, the heat of each.
enum ExplanationRows {
    static func insert(
        _ explanation: Explanation, overlays: [FilePath], arrival: Int64, run: Int64?, into database: Database
    ) throws {
        let milliseconds = explanation.milliseconds
        try explanations.insert(
            [
                arrival.databaseValue, run?.databaseValue ?? .null, explanation.picture.width.databaseValue,
                explanation.picture.height.databaseValue, explanation.picture.format.databaseValue,
                value(of: overlays.first), explanation.isCapped.databaseValue,
                explanation.notes.joined(separator: " ").databaseValue, milliseconds.decode.databaseValue,
                milliseconds.preprocess.databaseValue, milliseconds.forward.databaseValue,
                milliseconds.explain.databaseValue, milliseconds.write.databaseValue,
            ], into: database)
        let id = database.lastInsertedRowID
        for (ordinal, prediction) in explanation.predictions.enumerated() {
            let overlay = prediction.overlay.flatMap { $0 < overlays.count ? overlays[$0] : nil }
            let object = prediction.object
            try detections.insert(
                [
                    id.databaseValue, ordinal.databaseValue, prediction.classIndex.databaseValue,
                    prediction.label.databaseValue, prediction.score.databaseValue,
                    prediction.logit?.databaseValue ?? .null, value(of: overlay),
                    object?.box.left.databaseValue ?? .null, object?.box.top.databaseValue ?? .null,
                    object?.box.right.databaseValue ?? .null, object?.box.bottom.databaseValue ?? .null,
                    object?.objectness?.databaseValue ?? .null, object?.row.databaseValue ?? .null,
                    object?.stride?.databaseValue ?? .null,
                ], into: database)
            guard let heat = prediction.heat else { continue }
            try heatMaps.insert(
                [
                    database.lastInsertedRowID.databaseValue, heat.method.rawValue.databaseValue,
                    heat.layers.joined(separator: ",").databaseValue, heat.target.databaseValue,
                    heat.saturated.databaseValue, heat.gridWidth.databaseValue, heat.gridHeight.databaseValue,
                ] + HeatColumns.values(of: heat), into: database)
        }
    }

    private static let explanations = Insertion(
        "explanation",
        [
            "arrival_id", "run_id", "width", "height", "format", "overlay", "capped", "notes", "ms_decode",
            "ms_preprocess", "ms_forward", "ms_explain", "ms_write",
        ])
    private static let detections = Insertion(
        "detection",
        [
            "explanation_id", "ordinal", "class_index", "label", "score", "logit", "overlay", "box_left", "box_top",
            "box_right", "box_bottom", "objectness", "output_row", "stride",
        ])
    private static let heatMaps = Insertion(
        "heat_map",
        ["detection_id", "method", "layers", "target", "saturated", "grid_width", "grid_height"] + HeatColumns.names)

    /// Rows of `arrival` that say what those of `earlier` say.
    ///
    /// - Parameter overlays: from the earlier paths to those of the copies.
    static func copy(
        from earlier: Int64, to arrival: Int64, overlays: [FilePath: FilePath], in database: Database
    ) throws {
        func replaced(_ row: Row) -> DatabaseValue {
            value(of: path(of: row["overlay"]).flatMap { overlays[$0] })
        }
        let old = try Row.fetchOne(
            database, sql: "SELECT * FROM explanation WHERE arrival_id = ?", arguments: [earlier])
        guard let old else { throw DatabaseError(message: "arrival \(earlier) has no explanation") }
        try insert(
            "explanation",
            columns(of: old, but: "id", setting: ["arrival_id": arrival.databaseValue, "overlay": replaced(old)]),
            into: database)
        let id = database.lastInsertedRowID
        let detections = try Row.fetchAll(
            database, sql: "SELECT * FROM detection WHERE explanation_id = ? ORDER BY ordinal", arguments: [old["id"]])
        for detection in detections {
            try insert(
                "detection",
                columns(
                    of: detection, but: "id",
                    setting: ["explanation_id": id.databaseValue, "overlay": replaced(detection)]), into: database)
            let copy = database.lastInsertedRowID
            let heat = try Row.fetchOne(
                database, sql: "SELECT * FROM heat_map WHERE detection_id = ?", arguments: [detection["id"]])
            guard let heat else { continue }
            try insert(
                "heat_map", columns(of: heat, but: "", setting: ["detection_id": copy.databaseValue]), into: database)
        }
    }

    private static func columns(
        of row: Row, but left: String, setting values: [String: DatabaseValue]
    ) -> [(name: String, value: DatabaseValue)] {
        row.filter { $0.0 != left }.map { (name: $0.0, value: values[$0.0] ?? $0.1) }
    }

    /// A path as text where it is UTF-8, else as a blob.
    private static func value(of path: FilePath?) -> DatabaseValue {
        guard let path else { return .null }
        let bytes = RawPath(path).bytes
        return String(validating: bytes, as: UTF8.self)?.databaseValue ?? Data(bytes).databaseValue
    }

    static func path(of value: DatabaseValue) -> FilePath? {
        switch value.storage {
        case .string(let text): FilePath(text)
        case .blob(let data): FilePath(bytes: Array(data))
        case .null, .int64, .double: nil
        }
    }

    private static func insert(
        _ table: String, _ columns: [(name: String, value: DatabaseValue)], into database: Database
    ) throws {
        try Insertion(table, columns.map(\.name)).insert(columns.map(\.value), into: database)
    }
}

/// Rows of one table with one set of columns: SQL that is made once and prepared once.
private struct Insertion: Sendable {
    private let sql: String

    init(_ table: String, _ columns: [String]) {
        let marks = Array(repeating: "?", count: columns.count).joined(separator: ", ")
        sql = "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(marks))"
    }

    /// - Parameter values: in the columns' order.
    func insert(_ values: [DatabaseValue], into database: Database) throws {
        try database.cachedStatement(sql: sql).execute(arguments: StatementArguments(values))
    }
}
