import CLinux
import Dispatch
import Glibc
import SystemPackage

/// A stream socket of unix(7). No call blocks: who waits costs no thread.
final class LocalSocket: Sendable {
    /// The longest path that fits into `sockaddr_un`, in bytes.
    static let maximumPathLength = 107

    let descriptor: Int32

    init() throws(Errno) {
        let type = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        descriptor = try Errno.check(socket(AF_UNIX, Int32(type), 0))
    }

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    // MARK: - Connecting

    /// - Throws: `ENAMETOOLONG`, `ENOENT`, `ECONNREFUSED` where nobody listens, `EACCES`, `EAGAIN` where too many wait.
    func connect(to path: FilePath) throws(Errno) {
        try Self.withAddress(path) { address, length in Glibc.connect(descriptor, address, length) }
    }

    /// - Parameter mode: of the socket's file; connecting takes the right to write to it.
    /// - Throws: `ENAMETOOLONG`, `EADDRINUSE` where there is something at `path`, and whatever bind(2) says.
    func listen(at path: FilePath, mode: mode_t) throws(Errno) {
        // The file gets this mode less the umask, so that it is never open for others, not even for a moment.
        try Errno.check(fchmod(descriptor, mode))
        try Self.withAddress(path) { address, length in bind(descriptor, address, length) }
        try Errno.check(path.withPlatformString { chmod($0, mode) })
        try Errno.check(Glibc.listen(descriptor, 64))
    }

    /// The next client.
    /// - Throws: `CancellationError`, or an `Errno` such as `EMFILE`.
    func accept() async throws -> LocalSocket {
        while true {
            let client = clinux_accept(descriptor)
            if client >= 0 { return LocalSocket(descriptor: client) }
            switch Errno(rawValue: errno) {
            case .wouldBlock: try await wait(for: .reading, until: .now + Self.listenerGlancePeriod)
            case .interrupted, .connectionAbort: continue
            case let error: throw error
            }
        }
    }

    /// Process and user that connected.
    var peer: (process: Int32, user: UInt32)? {
        var (process, user) = (Int32(0), UInt32(0))
        return clinux_peer(descriptor, &process, &user) == 0 ? (process, user) : nil
    }

    private static func withAddress(
        _ path: FilePath, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws(Errno) {
        guard path.length <= maximumPathLength else { throw .fileNameTooLong }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        path.withPlatformString { text in
            // The structure is all zero, so that a NUL follows.
            withUnsafeMutableBytes(of: &address.sun_path) {
                $0.copyMemory(from: UnsafeRawBufferPointer(start: text, count: path.length))
            }
        }
        let result = withUnsafeBytes(of: &address) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { addresses in
                addresses.baseAddress.map { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) } ?? -1
            }
        }
        try Errno.check(result)
    }

    // MARK: - Talking

    /// What has come in; empty where the peer sends nothing any more.
    /// - Throws: `CancellationError`; `Errno.timedOut` at the deadline; what recv(2) says.
    func receive(until deadline: ContinuousClock.Instant?) async throws -> [UInt8] {
        while true {
            var count = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, initializedCount in
                count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
                initializedCount = max(0, count)
            }
            if count >= 0 { return bytes }
            try await goOn(after: Errno(rawValue: errno), for: .reading, until: deadline)
        }
    }

    /// Sends all of it, whether the task is cancelled or not: half a line is worse than none.
    ///
    /// - Throws: `Errno.timedOut` at the deadline; `EPIPE` where the peer has gone away. Nothing can be sent afterwards.
    func send(_ text: String, until deadline: ContinuousClock.Instant?) async throws {
        do { try await sendAll(text, until: deadline) } catch {
            shutdown(descriptor, Int32(SHUT_RDWR))
            throw error
        }
    }

    private func sendAll(_ text: String, until deadline: ContinuousClock.Instant?) async throws {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else {
                try await goOn(after: Errno(rawValue: errno), for: .writing, until: deadline)
            }
        }
    }

    /// Returns when the peer has closed its end. A peer that only sends more, or has said that it sends nothing any
    /// more, is there still: then this returns when its task is cancelled.
    func untilHungUp() async {
        try? await wait(for: .reading, until: nil)
        var state = pollfd(fd: descriptor, events: 0, revents: 0)
        if poll(&state, 1, 0) == 1, state.revents & Int16(POLLHUP) != 0 { return }
        try? await Task.sleep(for: .seconds(Int64(Int32.max)))
    }

    // MARK: - Waiting

    private enum Direction { case reading, writing }

    private func goOn(
        after error: Errno, for direction: Direction, until deadline: ContinuousClock.Instant?
    ) async throws {
        switch error {
        case .interrupted: return
        case .wouldBlock:
            if let deadline, deadline <= .now { throw Errno.timedOut }
            // Looks again after a while all the same: a wakeup that gets lost must not keep anybody for ever.
            let glance = ContinuousClock.now + Self.glancePeriod
            try await wait(for: direction, until: deadline.map { min($0, glance) } ?? glance)
        default: throw error
        }
    }

    private static let queue = DispatchQueue(label: "control")
    private static let glancePeriod: Duration = .seconds(5)
    /// Of a listener, which the next client wakes up, too; it looks while nothing else does anything.
    private static let listenerGlancePeriod: Duration = .seconds(60)

    /// Returns at the deadline at the latest. Throws `CancellationError` when it waits for reading.
    private func wait(for direction: Direction, until deadline: ContinuousClock.Instant?) async throws {
        // Sources may be cancelled from any thread, dispatch_source_cancel(3).
        nonisolated(unsafe) let source: any DispatchSourceProtocol =
            switch direction {
            case .reading: DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: Self.queue)
            case .writing: DispatchSource.makeWriteSource(fileDescriptor: descriptor, queue: Self.queue)
            }
        let alarm = deadline.map { deadline in
            // Not asyncAfter: what it holds stays until its time has come, and a client may ask often.
            let alarm = DispatchSource.makeTimerSource(queue: Self.queue)
            alarm.schedule(deadline: .now() + max(0, (deadline - .now).inSeconds))
            alarm.setEventHandler { source.cancel() }
            alarm.activate()
            return alarm
        }
        let isCancellable = direction == .reading
        await withTaskCancellationHandler {
            // Every way out is a cancelled source, whose handler is called once, when the kernel has let go of
            // the descriptor: it may be closed then.
            await withCheckedContinuation { continuation in
                source.setEventHandler { source.cancel() }
                source.setCancelHandler { continuation.resume() }
                source.activate()
            }
        } onCancel: {
            if isCancellable { source.cancel() }
        }
        alarm?.cancel()
        if isCancellable { try Task.checkCancellation() }
    }
}
