import CLinux
import Glibc
import SystemPackage

/// A program that runs as a child and is spoken to line by line: what is written goes to its standard input, what is
/// read comes from its standard output, its standard error is ours. Calls block; see `ChildConversation`.
final class ChildProcess {
    /// Why a line did not come through.
    enum Interruption: Error {
        case overdue
        /// It closed its end.
        case closed
        /// What it writes has no line feed.
        case endless
    }

    enum End: Equatable, Sendable {
        case exited(Int32)
        /// By a signal that others sent.
        case signaled(Int32)
        /// By us, for it did not end by itself.
        case killed
    }

    let handle: ChildHandle
    private var input: Int32?
    private let output: Int32
    /// What was read beyond the last line.
    private var pending: [UInt8] = []

    /// - Parameters:
    ///   - arguments: behind the program's name.
    ///   - environment: comes to ours, or replaces what is there.
    ///   - leadsGroup: Ctrl-C in a terminal goes to a whole group. The child has one of its own then.
    /// - Throws: also what keeps the program from being executed.
    init(
        _ executable: FilePath, arguments: [String], environment: [String: String] = [:], leadsGroup: Bool
    ) throws(Errno) {
        var child = CLinuxChild()
        let error = executable.withPlatformString { path in
            withCStrings([executable.string] + arguments) { arguments in
                withCStrings(environment.map { "\($0)=\($1)" }) { variables in
                    clinux_child_start(path, arguments, variables, leadsGroup, &child)
                }
            }
        }
        guard error == 0 else { throw Errno(rawValue: error) }
        handle = ChildHandle(processIdentifier: child.process, descriptor: child.handle)
        input = child.input
        output = child.output
    }

    deinit {
        closeInput()
        close(output)
    }

    func send(_ text: String, until deadline: ContinuousClock.Instant) throws(Interruption) {
        guard let input else { throw .closed }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                guard isReady(input, POLLOUT, until: deadline) else { throw .overdue }
            } else if errno != EINTR {
                throw .closed
            }
        }
    }

    /// - Parameter limit: bytes of a line at most.
    /// - Returns: the next line without its line feed.
    func line(until deadline: ContinuousClock.Instant, limit: Int) throws(Interruption) -> [UInt8] {
        var searched = 0
        while true {
            if let end = pending[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { pending.removeSubrange(...end) }
                return Array(pending[..<end])
            }
            guard pending.count <= limit else { throw .endless }
            searched = pending.count
            try read(until: deadline)
        }
    }

    private static let pieceSize = 64 << 10

    private func read(until deadline: ContinuousClock.Instant) throws(Interruption) {
        let count = withUnsafeTemporaryAllocation(byteCount: Self.pieceSize, alignment: 8) { piece in
            let count = Glibc.read(output, piece.baseAddress, piece.count)
            if count > 0 { pending.append(contentsOf: piece[..<count]) }
            return count
        }
        if count > 0 || (count < 0 && errno == EINTR) { return }
        guard count < 0, errno == EAGAIN else { throw .closed }
        guard isReady(output, POLLIN, until: deadline) else { throw .overdue }
    }

    /// Closes its input, waits, and kills it where it does not end by itself. To be called once, and last.
    func end(within patience: Duration) -> End {
        closeInput()
        let isKilled = !isReady(handle.descriptor, POLLIN, until: .now + patience)
        if isKilled { handle.kill() }
        var status: Int32 = 0
        var signal: Int32 = 0
        let error = clinux_child_reap(handle.descriptor, &status, &signal)
        if isKilled || error != 0 { return .killed }
        return signal == 0 ? .exited(status) : .signaled(signal)
    }

    private func closeInput() {
        if let input { close(input) }
        input = nil
    }
}

/// Which process a child is: to end it from any thread, whether it runs or not.
final class ChildHandle: Sendable {
    let processIdentifier: Int32
    fileprivate let descriptor: Int32

    fileprivate init(processIdentifier: Int32, descriptor: Int32) {
        self.processIdentifier = processIdentifier
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    func kill() { clinux_child_kill(descriptor) }
}

/// - Returns: false where nothing came until the deadline. Where the other end is gone, it is ready, too.
private func isReady(_ descriptor: Int32, _ events: Int32, until deadline: ContinuousClock.Instant) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    while true {
        if poll(&entry, 1, deadline.pollTimeout) > 0 { return true }
        // A longer time than poll(2) takes is waited for again.
        if ContinuousClock.now >= deadline { return false }
    }
}

private func withCStrings<Result>(_ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result) -> Result {
    let pointers = strings.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    return body(pointers + [nil])
}
