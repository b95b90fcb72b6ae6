import Foundation
import GRDB
import SystemPackage

/// The rows of one explanation: itself, its detections, the heat of each.
enum ExplanationRows {
    static func insert(
        _ explanation: Explanation, overlays: [FilePath], arrival: Int64, run: Int64?, into database: Database
    ) throws {
        let milliseconds = explanation.milliseconds
        try insert(
            "explanation",
            [
                ("arrival_id", arrival.databaseValue), ("run_id", run?.databaseValue ?? .null),
                ("width", explanation.picture.width.databaseValue),
                ("height", explanation.picture.height.databaseValue),
                ("format", explanation.picture.format.databaseValue),
                ("overlay", value(of: overlays.first)), ("capped", explanation.isCapped.databaseValue),
                ("notes", explanation.notes.joined(separator: " ").databaseValue),
                ("ms_decode", milliseconds.decode.databaseValue),
                ("ms_preprocess", milliseconds.preprocess.databaseValue),
                ("ms_forward", milliseconds.forward.databaseValue),
                ("ms_explain", milliseconds.explain.databaseValue),
                ("ms_write", milliseconds.write.databaseValue),
            ], into: database)
        let id = database.lastInsertedRowID
        for (ordinal, prediction) in explanation.predictions.enumerated() {
            let overlay = prediction.overlay.flatMap { $0 < overlays.count ? overlays[$0] : nil }
            try insert(
                "detection",
                [
                    ("explanation_id", id.databaseValue), ("ordinal", ordinal.databaseValue),
                    ("class_index", prediction.classIndex.databaseValue),
                    ("label", prediction.label.databaseValue), ("score", prediction.score.databaseValue),
                    ("logit", prediction.logit?.databaseValue ?? .null), ("overlay", value(of: overlay)),
                ] + columns(of: prediction.object), into: database)
            guard let heat = prediction.heat else { continue }
            try insert(
                "heat_map",
                [
                    ("detection_id", database.lastInsertedRowID.databaseValue),
                    ("method", heat.method.rawValue.databaseValue),
                    ("layers", heat.layers.joined(separator: ",").databaseValue),
                    ("target", heat.target.databaseValue), ("saturated", heat.saturated.databaseValue),
                    ("grid_width", heat.gridWidth.databaseValue), ("grid_height", heat.gridHeight.databaseValue),
                ] + HeatColumns.values(of: heat), into: database)
        }
    }

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

    private static func columns(of object: DetectedObject?) -> [(name: String, value: DatabaseValue)] {
        guard let object else { return [] }
        return [
            ("box_left", object.box.left.databaseValue), ("box_top", object.box.top.databaseValue),
            ("box_right", object.box.right.databaseValue), ("box_bottom", object.box.bottom.databaseValue),
            ("objectness", object.objectness?.databaseValue ?? .null), ("output_row", object.row.databaseValue),
            ("stride", object.stride?.databaseValue ?? .null),
        ]
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
        let names = columns.map(\.name).joined(separator: ", ")
        let marks = Array(repeating: "?", count: columns.count).joined(separator: ", ")
        try database.execute(
            sql: "INSERT INTO \(table) (\(names)) VALUES (\(marks))",
            arguments: StatementArguments(columns.map(\.value)))
    }
}
