import Foundation
import GRDB
package import SystemPackage

/// Reads the view `log` without ever writing: works beside the running service, after it, and without write access.
package struct LogReader: Sendable {
    package struct Filter: Sendable {
        /// Newest rows first, at most so many.
        package var limit: Int
        /// ISO 8601 text in UTC, or a beginning of one ("2026-11").
        package var since: String?
        package var label: String?

        package init(limit: Int, since: String? = nil, label: String? = nil) {
            self.limit = limit
            self.since = since
            self.label = label
        }
    }

    /// A row of the view in its own order.
    package struct Entry: Sendable {
        package enum Value: Equatable, Sendable { case null, integer(Int64), real(Double), text(String) }

        package let columns: [(name: String, value: Value)]

        package subscript(name: String) -> Value {
            columns.first { $0.name == name }?.value ?? .null
        }
    }

    let database: DatabaseQueue

    /// - Throws: `StoreError` where there is no log, or it is not one of ours.
    package init(path: FilePath) throws(StoreError) {
        do {
            var configuration = GRDB.Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            database = try DatabaseQueue(path: path.string, configuration: configuration)
            let identifier = try database.read { try Int.fetchOne($0, sql: "PRAGMA application_id") }
            guard identifier == Schema.applicationID else {
                throw DatabaseError(message: "it is not a log of gradcamd")
            }
        } catch {
            throw StoreError(path: path, cause: error)
        }
    }

    /// The rows, oldest first.
    package func entries(_ filter: Filter) throws -> [Entry] {
        var conditions: [String] = []
        var arguments = StatementArguments()
        if let since = filter.since {
            conditions.append("time >= ?")
            arguments += [since]
        }
        if let label = filter.label {
            conditions.append(
                "id IN (SELECT arrival_id FROM detections WHERE label = ?)")
            arguments += [label]
        }
        let condition = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        arguments += [filter.limit]
        let sql = "SELECT * FROM log \(condition) ORDER BY id DESC LIMIT ?"
        let rows = try database.read { try Row.fetchAll($0, sql: sql, arguments: arguments) }
        return rows.reversed().map { row in
            Entry(columns: row.map { (name: $0.0, value: Self.value($0.1)) })
        }
    }

    private static func value(_ value: DatabaseValue) -> Entry.Value {
        switch value.storage {
        case .null: .null
        case .int64(let integer): .integer(integer)
        case .double(let real): .real(real)
        case .string(let text): .text(text)
        case .blob(let data): .text(String(readable: data))
        }
    }
}
