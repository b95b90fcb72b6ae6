import Glibc
import SystemPackage

/// For people: messages that are not the program's result.
package enum StandardError {
    package static func write(_ text: String) {
        // A closed terminal is no reason to stop.
        _ = try? FileDescriptor.standardError.writeAll(text.utf8)
    }

    package static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}
