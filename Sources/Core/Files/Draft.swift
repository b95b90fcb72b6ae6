import CLinux
package import Glibc
package import SystemPackage

/// A file before it has its name: `FILE.tmp`, locked so that two programs that write one file do not meet. One that a
/// kill left is taken over.
package final class Draft {
    package let path: FilePath
    private let target: FilePath
    private let folder: Directory
    private let file: FileDescriptor

    /// - Parameter mode: less what the umask takes away.
    package init(for target: FilePath, mode: mode_t = 0o640) throws(Failure) {
        self.target = target
        path = FilePath(target.string + ".tmp")
        do {
            let parent = target.removingLastComponent()
            folder = try Directory((parent.isEmpty ? "." : parent).resolved)
            let flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC
            file = FileDescriptor(rawValue: try Errno.check(Glibc.open(path.string, flags, mode)))
        } catch {
            throw Failure(
                .inputOutput, "\(path) cannot be made: \(error).", remedy: "Name a file in a folder you may write.")
        }
        guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 else {
            Glibc.close(file.rawValue)
            throw Failure(.badRequest, "Another program is writing \(target).", remedy: "Wait for it.")
        }
        ftruncate(file.rawValue, 0)
    }

    /// - Parameter log: what must not be overwritten, by whatever name.
    package static func check(_ target: FilePath, sparing log: FilePath, overwrites: Bool) throws(Failure) {
        var logStatus = stat()
        let logIsThere = stat(log.string, &logStatus) == 0
        var status = stat()
        guard lstat(target.string, &status) == 0 else { return }
        let parts = ["", "-wal", "-shm", "-journal"].map { FilePath(log.string + $0).resolved }
        guard !parts.contains(target.resolved),
            !logIsThere || logStatus.st_ino != status.st_ino || logStatus.st_dev != status.st_dev
        else {
            throw Failure(.badRequest, "\(target) is the log itself.", remedy: "Name another file.")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Failure(.badRequest, "\(target) is there and no regular file.", remedy: "Name another file.")
        }
        guard overwrites else {
            throw Failure(.badRequest, "\(target) is there already.", remedy: "Name another file, or give --force.")
        }
    }

    package static func failure(_ error: Errno, at target: FilePath) -> Failure {
        switch error {
        case .noSpace, .diskQuotaExceeded:
            Failure(.diskFull, "\(target) cannot be written: \(error).", remedy: "Free space, or name another disk.")
        case .fileExists:
            Failure(.badRequest, "\(target) is there already.", remedy: "Name another file, or give --force.")
        default:
            Failure(
                .inputOutput, "\(target) cannot be written: \(error).", remedy: "Name a file in a folder you may write."
            )
        }
    }

    deinit { Glibc.close(file.rawValue) }

    /// Writes at the end.
    package func write(_ text: String) throws(Errno) {
        do { _ = try file.writeAll(text.utf8) } catch { throw error as? Errno ?? .ioError }
    }

    /// Synced, and under its name.
    package func publish(overwriting: Bool) throws(Errno) {
        try Errno.check(fsync(file.rawValue))
        if overwriting {
            try Errno.check(rename(path.string, target.string))
        } else {
            try renameWithoutReplacing()
        }
        try folder.sync()
    }

    private func renameWithoutReplacing() throws(Errno) {
        do {
            try Errno.check(clinux_rename_without_replacing(AT_FDCWD, path.string, AT_FDCWD, target.string))
        } catch .invalidArgument {
            // NFS cannot; link(2) never replaces anything.
            try Errno.check(link(path.string, target.string))
            unlink(path.string)
        }
    }

    package func discard() {
        for ending in ["", "-wal", "-shm", "-journal"] { unlink(path.string + ending) }
    }
}
