import Foundation
import GRDB
package import SystemPackage

/// Reads the view `log` without ever writing: works beside the running service, after it, and without write access.
package struct LogReader: Sendable {
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

    /// The last rows in the filter's order, the very last one last.
    package func entries(_ filter: Filter) throws -> [Entry] {
        try database.read { try Self.entries(filter, in: $0) }
    }

    static func entries(_ filter: Filter, in database: Database) throws -> [Entry] {
        if let label = filter.label, filter.order == .time, filter.since == nil, filter.until == nil {
            return try entriesOfLabel(label, filter, in: database).reversed()
        }
        let order: SQL =
            switch filter.order {
            case .time: "time DESC, id DESC"
            case .id: "id DESC"
            case .score: "score DESC, id DESC"
            case .milliseconds: "milliseconds DESC, id DESC"
            }
        let condition = filter.condition
        let rows = condition.isEmpty ? SQL("") : "WHERE \(condition) "
        return try entries("\(rows)ORDER BY \(order) LIMIT \(filter.limit)", in: database).reversed()
    }

    /// - Parameter clauses: what comes behind FROM log.
    static func entries(_ clauses: SQL, in database: Database) throws -> [Entry] {
        try entries(of: SQLRequest(literal: "SELECT * FROM log \(clauses)"), in: database)
    }

    static func entries(of request: SQLRequest<Row>, in database: Database) throws -> [Entry] {
        try request.fetchAll(database).map { row in
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
