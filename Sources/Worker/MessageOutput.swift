import Core
import Glibc

/// Standard output, for messages only: whatever a library prints goes to standard error instead.
struct MessageOutput {
    private let descriptor: Int32

    init() {
        descriptor = dup(STDOUT_FILENO)
        dup2(STDERR_FILENO, STDOUT_FILENO)
    }

    /// - Throws: where nobody listens any more.
    func write(_ response: WorkerResponse) throws(Failure) {
        let line: String
        do { line = try MessageCoding.line(response) } catch {
            throw Failure(.internal, "The answer cannot be written as JSON: \(error).")
        }
        var bytes = Array(line.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Failure(.inputOutput, "Nobody reads the answers.") }
            bytes = bytes.dropFirst(count)
        }
    }
}
