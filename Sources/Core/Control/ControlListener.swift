import Glibc
package import SystemPackage

/// The socket that the service listens at, and its file.
final class ControlListener: Sendable {
    /// Members of the service's group may ask.
    static let mode: mode_t = 0o660

    let socket: LocalSocket
    private let path: FilePath
    /// Tells the file from one that took its name.
    private let file: FileStatus

    /// Takes the place of a socket that a dead run left, and of nothing else.
    ///
    /// - Throws: `ControlListenerError` with the remedy.
    init(path: FilePath) throws(ControlListenerError) {
        self.path = path
        do {
            try Self.makeRoom(at: path)
            socket = try LocalSocket()
            try socket.listen(at: path, mode: Self.mode)
            file = try Self.status(of: path)
        } catch let error as ControlListenerError {
            throw error
        } catch {
            throw ControlListenerError(path: path, cause: .refused((error as? Errno) ?? .ioError))
        }
    }

    /// Takes the file away, unless it is somebody else's by now.
    func remove() {
        guard let now = try? Self.status(of: path), now.device == file.device, now.inode == file.inode else { return }
        _ = path.withPlatformString { unlink($0) }
    }

    private static func makeRoom(at path: FilePath) throws {
        guard path.length <= LocalSocket.maximumPathLength else {
            throw ControlListenerError(path: path, cause: .pathTooLong)
        }
        let kind: FileStatus.Kind
        do { kind = try status(of: path).kind } catch Errno.noSuchFileOrDirectory { return }
        guard kind == .socket else { throw ControlListenerError(path: path, cause: .occupied) }
        do {
            try LocalSocket().connect(to: path)
            throw ControlListenerError(path: path, cause: .taken)
        } catch Errno.resourceTemporarilyUnavailable {
            throw ControlListenerError(path: path, cause: .taken)
        } catch Errno.connectionRefused {
            // Nobody holds it any more. A FIFO or a device refuses as well: those stay.
            guard try isSocket(path) else { throw ControlListenerError(path: path, cause: .occupied) }
            try Errno.check(path.withPlatformString { unlink($0) })
        }
    }

    private static func isSocket(_ path: FilePath) throws(Errno) -> Bool {
        var status = stat()
        try Errno.check(path.withPlatformString { lstat($0, &status) })
        return status.st_mode & S_IFMT == S_IFSOCK
    }

    private static func status(of path: FilePath) throws(Errno) -> FileStatus {
        var status = stat()
        try Errno.check(path.withPlatformString { lstat($0, &status) })
        return FileStatus(status)
    }
}

/// Why nobody can ask the service.
package struct ControlListenerError: Error, CustomStringConvertible {
    package enum Cause: Equatable, Sendable {
        case pathTooLong
        /// Something that is no socket lies there.
        case occupied
        /// Another process listens there.
        case taken
        case refused(Errno)
    }

    package let path: FilePath
    package let cause: Cause

    package var description: String {
        "the control socket \(path) cannot be made: \(reason) \(remedy)"
    }

    private var reason: String {
        switch cause {
        case .pathTooLong: "the path has \(path.length) bytes, and \(LocalSocket.maximumPathLength) fit."
        case .occupied: "there is something else."
        case .taken: "another process listens there."
        case .refused(let error): "\(error)."
        }
    }

    private var remedy: String {
        switch cause {
        case .pathTooLong: "Set control.socket to a shorter path."
        case .occupied: "Remove it, or set control.socket to another path."
        case .taken: "Give each gradcamd a control.socket of its own."
        case .refused(.noSuchFileOrDirectory):
            "Make the folder, or set control.socket to a path in one that exists; empty for none."
        case .refused(.permissionDenied), .refused(.notPermitted), .refused(.readOnlyFileSystem):
            "Set control.socket to a path in a folder that gradcamd may write to; empty for none."
        case .refused: "Set control.socket to a path on a local file system; empty for none."
        }
    }
}
