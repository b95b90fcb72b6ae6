package import Glibc
package import SystemPackage

/// What stat(2) says about a file, as far as the inbox needs it.
package struct FileStatus: Equatable, Sendable {
    package enum Kind: String, Sendable {
        case regular = "a regular file"
        case directory = "a folder"
        case symbolicLink = "a symbolic link"
        case fifo = "a FIFO"
        case socket = "a socket"
        case device = "a device"
    }

    package var kind: Kind
    /// Bytes.
    package var size: Int64
    /// Device and inode tell a file from another one that took its name.
    package var device: UInt64
    package var inode: UInt64
    /// Nanoseconds since 1970.
    package var modified: Int64
    /// The last change of content, owner, mode or links; nanoseconds since 1970.
    package var changed: Int64
    package var owner: UInt32
    package var mode: UInt32
    /// Names that lead to this content.
    package var links: UInt64

    package init(_ status: stat) {
        self.init(
            mode: status.st_mode, size: Int64(status.st_size), device: UInt64(status.st_dev),
            inode: UInt64(status.st_ino), modified: Self.nanoseconds(status.st_mtim),
            changed: Self.nanoseconds(status.st_ctim), owner: status.st_uid,
            links: UInt64(status.st_nlink))
    }

    /// - Parameter mode: as `st_mode`, type and permissions.
    package init(
        mode: UInt32, size: Int64, device: UInt64, inode: UInt64, modified: Int64, changed: Int64, owner: UInt32,
        links: UInt64
    ) {
        kind =
            switch mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .directory
            case S_IFLNK: .symbolicLink
            case S_IFIFO: .fifo
            case S_IFSOCK: .socket
            default: .device
            }
        self.mode = mode & 0o7777
        self.size = size
        self.device = device
        self.inode = inode
        self.modified = modified
        self.changed = changed
        self.owner = owner
        self.links = links
    }

    package init(of file: FileDescriptor) throws(Errno) {
        var status = stat()
        try Errno.check(fstat(file.rawValue, &status))
        self.init(status)
    }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}
