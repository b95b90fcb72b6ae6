import Glibc
package import SystemPackage

/// Room on the disk that a path is on, for those who are not root (statvfs(3)).
package struct FreeSpace: Equatable, Sendable {
    package let bytes: Int
    /// File names that may still be made; `nil` where the file system has no limit.
    package let files: Int?

    /// An image needs up to seventy; with fewer than this nothing is taken.
    package static let minimumFiles = 1_000

    package init(bytes: Int, files: Int?) {
        self.bytes = bytes
        self.files = files
    }

    package init(at path: FilePath) throws(Errno) {
        var status = statvfs()
        try Errno.check(path.withPlatformString { statvfs($0, &status) })
        bytes = Int(
            clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
        files = status.f_files == 0 ? nil : Int(clamping: status.f_favail)
    }
}
