import CLinux
package import SystemPackage

/// What kind of file system a path is on, told by its magic number (statfs(2)).
package struct FileSystemKind: Equatable, Sendable {
    /// "ext4"; for people.
    package let name: String
    /// Other machines may change it without this kernel hearing of it, and locks may not hold between them.
    package let isRemote: Bool

    package init(of path: FilePath) throws(Errno) {
        var magic: UInt32 = 0
        try Errno.check(clinux_file_system_magic(path.string, &magic))
        self.init(magic: magic)
    }

    /// Of the very directory that is open.
    package init(of directory: Directory) throws(Errno) {
        try self.init(of: FilePath("/proc/self/fd/\(directory.descriptor)"))
    }

    init(magic: UInt32) {
        let known = Self.known[magic]
        name = known?.name ?? "of type 0x\(String(magic, radix: 16))"
        isRemote = known?.isRemote ?? false
    }

    /// linux/magic.h, and the file systems' own headers.
    private static let known: [UInt32: (name: String, isRemote: Bool)] = [
        0xEF53: ("ext4", false), 0x5846_5342: ("XFS", false), 0x9123_683E: ("btrfs", false),
        0x2FC1_2FC1: ("ZFS", false), 0xF2F5_2010: ("F2FS", false), 0xCA45_1A4E: ("bcachefs", false),
        0x0102_1994: ("tmpfs", false), 0x8584_58F6: ("ramfs", false), 0x794C_7630: ("overlayfs", false),
        0x4D44: ("FAT", false), 0x2011_BAB0: ("exFAT", false), 0x7366_746E: ("NTFS", false),
        0x6969: ("NFS", true), 0x517B: ("SMB", true), 0xFF53_4D42: ("CIFS", true), 0xFE53_4D42: ("SMB2", true),
        0x6573_5546: ("FUSE", true), 0x0102_1997: ("9p", true), 0x00C3_6400: ("Ceph", true),
        0x5346_414F: ("AFS", true), 0x6B41_4653: ("AFS", true), 0x7375_7245: ("Coda", true),
        0x0BD0_0BD0: ("Lustre", true), 0x0116_1970: ("GFS2", true), 0x7461_636F: ("OCFS2", true),
        0x564C: ("NCP", true), 0x4750_4653: ("GPFS", true), 0x786F_4256: ("a shared folder of VirtualBox", true),
    ]
}
