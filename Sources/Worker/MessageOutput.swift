import Core
import Glibc
import SystemPackage

/// Standard output, for messages only: whatever a library prints goes to standard error instead.
struct MessageOutput {
    let descriptor: FileDescriptor

    init() {
        descriptor = FileDescriptor(rawValue: dup(STDOUT_FILENO))
        dup2(STDERR_FILENO, STDOUT_FILENO)
    }

    /// - Throws: where nobody listens any more.
    func write(_ response: WorkerResponse) throws(Failure) { try write(line: Self.line(response)) }

    func write(line: String) throws(Failure) {
        do { _ = try descriptor.writeAll(line.utf8) } catch {
            throw Failure(.inputOutput, "Nobody reads the answers.")
        }
    }

    static func line(_ response: WorkerResponse) throws(Failure) -> String {
        do { return try MessageCoding.line(response) } catch {
            throw Failure(.internal, "The answer cannot be written as JSON: \(error).")
        }
    }
}
