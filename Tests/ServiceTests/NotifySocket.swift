import Foundation
import Glibc
import Synchronization
import SystemPackage
import Testing

/// What a service manager hears at its notification socket, sd_notify(3).
final class NotifySocket: Sendable {
    let path: String
    private let descriptor: Int32
    private let heard = Mutex<[String]>([])

    init(in folder: URL) throws {
        path = folder.appending(path: "notify.sock").path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | O_CLOEXEC, 0)
        try #require(descriptor >= 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        try #require(result == 0)
        var patience = timeval(tv_sec: 0, tv_usec: 50_000)
        try #require(
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size)) == 0)
        // Who does not listen keeps the service from going on after a few messages.
        Thread { [weak self] in while self?.hear() != nil {} }.start()
    }

    deinit { close(descriptor) }

    private func hear() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return }
        let lines = String(decoding: buffer.prefix(count), as: UTF8.self).split(separator: "\n").map(String.init)
        heard.withLock { $0 += lines }
    }

    /// All lines that came, in their order.
    var lines: [String] { heard.withLock { $0 } }

    /// Those that begin so.
    func lines(_ beginning: String) -> [String] { lines.filter { $0.hasPrefix(beginning) } }
}
