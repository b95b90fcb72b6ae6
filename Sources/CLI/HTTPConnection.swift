import Core
import Foundation
import Glibc

/// A client at the standard streams, which are one socket where systemd starts us for each connection. Blocks: this
/// process serves nobody else.
struct HTTPConnection {
    /// For the request, and again for its answer.
    private static let patience: Duration = .seconds(5)

    /// - Returns: `nil` where the client has gone.
    func receive() -> HTTPExchange.Request? {
        let deadline = ContinuousClock.now + Self.patience
        var bytes: [UInt8] = []
        while bytes.count <= HTTPExchange.maximumRequest {
            if let request = HTTPExchange.request(in: bytes) { return request }
            guard wait(STDIN_FILENO, POLLIN, until: deadline) else { return .refused(.timeout) }
            var block = [UInt8](repeating: 0, count: HTTPExchange.maximumRequest + 1 - bytes.count)
            let count = read(STDIN_FILENO, &block, block.count)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else { return bytes.isEmpty ? nil : .refused(.badRequest) }
            bytes += block.prefix(count)
        }
        return .refused(.tooLarge)
    }

    /// What a client does not take in time it does not get.
    func send(_ text: String) {
        let deadline = ContinuousClock.now + Self.patience
        // A socket that blocks would keep us as long as the client likes.
        _ = fcntl(STDOUT_FILENO, F_SETFL, fcntl(STDOUT_FILENO, F_GETFL) | O_NONBLOCK)
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty, wait(STDOUT_FILENO, POLLOUT, until: deadline) {
            let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count >= 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Says that the answer is over, and takes what the client still sends: a socket that is closed before resets the
    /// connection, and the client loses the answer.
    func close() {
        guard shutdown(STDOUT_FILENO, Int32(SHUT_WR)) == 0 else { return }
        let deadline = ContinuousClock.now + .seconds(1)
        var block = [UInt8](repeating: 0, count: 4096)
        var rest = 1 << 20
        while rest > 0, wait(STDIN_FILENO, POLLIN, until: deadline) {
            let count = read(STDIN_FILENO, &block, block.count)
            guard count > 0 else { return }
            rest -= count
        }
    }

    /// Now, as HTTP writes it.
    static var date: String {
        var seconds = time(nil)
        var fields = tm()
        gmtime_r(&seconds, &fields)
        var text = [CChar](repeating: 0, count: 64)
        // Names of days and months are English: nobody calls setlocale(3).
        let count = strftime(&text, text.count, "%a, %d %b %Y %H:%M:%S GMT", &fields)
        return String(decoding: text.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private func wait(_ descriptor: Int32, _ events: Int32, until deadline: ContinuousClock.Instant) -> Bool {
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { return false }
            var state = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            let result = poll(&state, 1, Int32(left.inSeconds * 1000) + 1)
            if result > 0 { return true }
            if result < 0, errno != EINTR { return false }
        }
    }
}
