import Glibc
import SystemPackage

/// Standard output of a command that may run for days: written at once, and its reader may leave.
enum ResultOutput {
    /// - Throws: `Errno.brokenPipe` where nobody reads any more.
    static func write(_ text: String) throws {
        if !text.isEmpty { _ = try FileDescriptor.standardOutput.writeAll(text.utf8) }
    }

    /// Waits. - Returns: early, with `false`, where nobody reads any more.
    static func isRead(afterMilliseconds milliseconds: Int32) -> Bool {
        // Without events asked for, poll(2) reports only that the other end is closed.
        var output = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
        return poll(&output, 1, milliseconds) <= 0
    }
}
