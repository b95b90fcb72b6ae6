import Foundation
import GRDB

/// What happened to the service itself, and whether people paused it.
extension Store {
    package enum Event: String, Sendable {
        case pause, resume
        case diskFull = "disk_full"
        case inboxMissing = "inbox_missing"
        case inboxBack = "inbox_back"
        case reload
        case reloadRefused = "reload_refused"
    }

    /// Kept for people who ask later why nothing happened at night.
    package func record(_ event: Event, _ text: String) throws {
        try database.write {
            try $0.execute(
                sql: "INSERT INTO event (time, kind, text) VALUES (?, ?, ?)",
                arguments: [Timestamp.now.text, event.rawValue, text])
        }
    }

    /// What the marker in the inbox says, so that the service knows its own inbox again.
    package func inboxID() throws -> String {
        try database.write { database in
            if let id = try String.fetchOne(database, sql: "SELECT id FROM inbox") { return id }
            let id = UUID().uuidString
            try database.execute(sql: "INSERT INTO inbox (id) VALUES (?)", arguments: [id])
            return id
        }
    }

    /// A pause that outlives the service.
    package struct Pause: Equatable, Sendable {
        package let since: String
        package let reason: String
    }

    package func pause() throws -> Pause? {
        try database.read { database in
            try Row.fetchOne(database, sql: "SELECT since, reason FROM pause").map {
                Pause(since: $0["since"], reason: $0["reason"])
            }
        }
    }

    /// - Parameter reason: `nil` ends the pause.
    package func setPause(_ reason: String?) throws {
        try database.write { database in
            try database.execute(sql: "DELETE FROM pause")
            guard let reason else { return }
            try database.execute(
                sql: "INSERT INTO pause (id, since, reason) VALUES (1, ?, ?)", arguments: [Timestamp.now.text, reason])
        }
    }
}
