import Foundation
import GRDB

/// Images that stay in the inbox: known again by what stat(2) says of them, or by their content.
extension Store {
    /// Whether a file with this identity was claimed already.
    package func knows(_ identity: FileIdentity) throws -> Bool {
        try database.read {
            try Bool.fetchOne(
                $0, sql: "SELECT EXISTS (SELECT 1 FROM arrival WHERE identity = ?)", arguments: [identity.text])
                ?? false
        }
    }

    /// Notes that a known file of the same name and content was only touched, copied or renamed over itself.
    ///
    /// - Returns: false where there is no such file.
    func recognize(_ name: Data, _ sha256: Data, as identity: FileIdentity) throws -> Bool {
        try database.write { database in
            try database.execute(
                sql: """
                    UPDATE arrival SET identity = ? WHERE id = (
                        SELECT id FROM arrival WHERE sha256 = ? AND name = ? AND original = 'keep'
                            AND state <> 'vanished' ORDER BY id DESC LIMIT 1)
                    """,
                arguments: [identity.text, sha256, name])
            return database.changesCount == 1
        }
    }
}
