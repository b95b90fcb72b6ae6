import GRDB
import Glibc
import Synchronization
import SystemPackage

/// The write-ahead log is emptied while readers come and go: SQLite's own checkpoints never start it anew as long as
/// somebody reads, and it would grow without end (https://sqlite.org/wal.html, "Avoiding Excessively Large WAL Files").
extension Store {
    /// 16 MiB.
    private static let large: Int64 = 16 << 20
    /// After one that a reader was in the way of, so much more.
    private static let step: Int64 = 4 << 20

    /// Empties the WAL where it has become large; to be called after a commit.
    func checkpointIfLarge() {
        guard walSize >= checkpointSize.withLock({ $0 }) else { return }
        try? checkpoint()
        let size = walSize
        checkpointSize.withLock { $0 = max(Self.large, size + Self.step) }
    }

    /// Moves the WAL into the database and empties it where nobody reads or writes at this moment; else a later one
    /// does.
    func checkpoint() throws {
        try database.writeWithoutTransaction { database in
            // The writer's own patience would keep images waiting behind a reader that is held open.
            try database.execute(sql: "PRAGMA busy_timeout = 50")
            defer { try? database.execute(sql: "PRAGMA busy_timeout = 5000") }
            do { try database.checkpoint(.truncate) } catch let error as DatabaseError
                where [.SQLITE_BUSY, .SQLITE_LOCKED].contains(error.resultCode)
            {}
        }
    }

    /// Bytes.
    var walSize: Int64 {
        var status = stat()
        return stat("\(path)-wal", &status) == 0 ? Int64(status.st_size) : 0
    }
}
