import CLinux
import Glibc
import SystemPackage

/// Whether a lease tells that a file is still being written (fcntl(2), F_SETLEASE): tried on a file of our own, which
/// is made for it and removed.
enum LeaseChecks {
    static func findings(inbox: FilePath) -> [Finding] {
        // The service leaves names with a dot alone.
        guard let name = FileName(".gradcam-doctor-\(getpid())"), let folder = try? Directory(inbox) else {
            return [unknown("\(inbox) cannot be opened")]
        }
        let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let writer = name.withPlatformString { openat(folder.descriptor, $0, flags, 0o600) }
        guard writer >= 0 else { return [unknown("no file could be made in \(inbox): \(Errno(rawValue: errno))")] }
        defer { try? folder.remove(name) }
        guard let reader = try? folder.openForReading(name) else {
            close(writer)
            return [unknown("the file made in \(inbox) could not be opened again")]
        }
        defer { close(reader.rawValue) }
        let whileWritten = clinux_has_writer(reader.rawValue)
        close(writer)
        return [finding(whileWritten: whileWritten, afterwards: clinux_has_writer(reader.rawValue))]
    }

    /// - Parameters: as `clinux_has_writer` returns them: 1, 0, or -1 where there are no leases.
    static func finding(whileWritten: Int32, afterwards: Int32) -> Finding {
        if whileWritten == 1, afterwards == 0 {
            return Finding(
                .leases, .ok, "Leases work: files of the service's own user are taken when their writer closed them.")
        }
        return Finding(
            .leases, .warning, "This file system has no leases: a file is whole when it was quiet long enough.",
            remedy: "Raise inbox.settle_seconds where writers pause.")
    }

    private static func unknown(_ reason: String) -> Finding {
        Finding(.leases, .unknown, "Leases were not tried: \(reason).", remedy: "Run this as the service's user.")
    }
}
