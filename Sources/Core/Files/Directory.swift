import CLinux
package import Glibc
package import SystemPackage

/// An open directory. Every step below it goes through its descriptor and follows no symbolic link, so that
/// nobody who may write into a folder can lead the daemon elsewhere.
package final class Directory: Sendable {
    package let descriptor: Int32
    /// Where it was when it was opened; for messages and for programs that need a path.
    package let path: FilePath

    /// - Throws: `ENOENT`, `ENOTDIR`, `ELOOP` for a symbolic link, `EACCES`.
    package init(_ path: FilePath) throws(Errno) {
        self.path = path
        descriptor = try Errno.check(path.withPlatformString { open($0, Self.flags) })
    }

    private init(descriptor: Int32, path: FilePath) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    static let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC

    package func directory(_ name: FileName) throws(Errno) -> Directory {
        let child = try Errno.check(name.withPlatformString { openat(descriptor, $0, Self.flags) })
        return Directory(descriptor: child, path: path.appending(name))
    }

    /// The directory that a chain of names leads to; itself for an empty chain.
    package func directory(at names: some Collection<FileName>) throws(Errno) -> Directory {
        guard let first = names.first else { return self }
        return try directory(first).directory(at: Array(names.dropFirst()))
    }

    /// The same, `nil` where there is none: nothing, a file, or a link.
    package func directoryIfPresent(at names: some Collection<FileName>) throws(Errno) -> Directory? {
        do { return try directory(at: names) } catch .noSuchFileOrDirectory {
            return nil
        } catch .notDirectory { return nil } catch .tooManySymbolicLinkLevels { return nil }
    }

    /// The directory of that name, made where it is missing; then this directory is synced.
    package func makingDirectory(_ name: FileName, mode: mode_t = 0o750) throws(Errno) -> Directory {
        do { try Errno.check(name.withPlatformString { mkdirat(descriptor, $0, mode) }) } catch .fileExists {
            return try directory(name)
        }
        do {
            // The mode that was asked for, whatever the umask says.
            try Errno.check(name.withPlatformString { fchmodat(descriptor, $0, mode, 0) })
            try sync()
            return try directory(name)
        } catch {
            // The next try makes and syncs it again; of a folder that nobody has, nobody would know.
            try? removeDirectory(name)
            throw error
        }
    }

    /// Opens for reading without following links and without blocking on a FIFO.
    package func openForReading(_ name: FileName) throws(Errno) -> FileDescriptor {
        let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY
        return FileDescriptor(rawValue: try Errno.check(name.withPlatformString { openat(descriptor, $0, flags) }))
    }

    package func status(of name: FileName) throws(Errno) -> FileStatus {
        var status = stat()
        try Errno.check(name.withPlatformString { fstatat(descriptor, $0, &status, AT_SYMLINK_NOFOLLOW) })
        return FileStatus(status)
    }

    /// The same, `nil` where there is no such entry.
    package func statusIfPresent(of name: FileName) throws(Errno) -> FileStatus? {
        do { return try status(of: name) } catch .noSuchFileOrDirectory { return nil }
    }

    /// Moves an entry; fails with `EEXIST` where `newName` exists: nothing is ever overwritten.
    package func move(_ name: FileName, to target: Directory, as newName: FileName) throws(Errno) {
        let result = name.withPlatformString { from in
            newName.withPlatformString { to in
                clinux_rename_without_replacing(descriptor, from, target.descriptor, to)
            }
        }
        try Errno.check(result)
    }

    /// Gives an entry a second name; fails with `EEXIST` where that exists. A link is not followed.
    package func link(_ name: FileName, to target: Directory, as newName: FileName) throws(Errno) {
        let result = name.withPlatformString { from in
            newName.withPlatformString { to in linkat(descriptor, from, target.descriptor, to, 0) }
        }
        try Errno.check(result)
    }

    package func remove(_ name: FileName) throws(Errno) {
        try Errno.check(name.withPlatformString { unlinkat(descriptor, $0, 0) })
    }

    /// The same, content where it is gone already.
    package func removeIfPresent(_ name: FileName) throws(Errno) {
        do { try remove(name) } catch .noSuchFileOrDirectory {}
    }

    package func removeDirectory(_ name: FileName) throws(Errno) {
        try Errno.check(name.withPlatformString { unlinkat(descriptor, $0, AT_REMOVEDIR) })
    }

    /// Writes a small new file durably: under a temporary name, synced, then renamed.
    package func write(_ content: String, to name: FileName) throws(Errno) {
        let temporary = name.wrapped(prefix: ".tmp-", suffix: "")
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC
        let file = FileDescriptor(
            rawValue: try Errno.check(temporary.withPlatformString { openat(descriptor, $0, flags, 0o640) }))
        do {
            defer { close(file.rawValue) }
            do { _ = try file.writeAll(content.utf8) } catch let error as Errno { throw error } catch { throw .ioError }
            try Errno.check(fsync(file.rawValue))
        }
        let result = temporary.withPlatformString { from in
            name.withPlatformString { to in renameat(descriptor, from, descriptor, to) }
        }
        try Errno.check(result)
        try sync()
    }

    /// Makes the names in this directory survive a power cut.
    package func sync() throws(Errno) { try Errno.check(fsync(descriptor)) }

    /// Every entry. For directories that we fill ourselves: memory grows with their number.
    package func names() throws -> [FileName] {
        var names: [FileName] = []
        try forEachEntry { names.append($0) }
        return names
    }

    /// Calls `body` for every entry but `.` and `..`, in no order; memory does not grow with their number.
    package func forEachEntry(_ body: (FileName) throws -> Void) throws {
        let entries = try DirectoryEntries(of: self)
        while let name = try entries.next() { try body(name) }
    }
}

extension Errno {
    /// Throws `errno` where a system call returned a negative number.
    @discardableResult
    package static func check(_ result: Int32) throws(Errno) -> Int32 {
        guard result >= 0 else { throw Errno(rawValue: errno) }
        return result
    }
}
