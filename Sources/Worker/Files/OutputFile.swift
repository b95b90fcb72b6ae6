import Core
import Glibc
import SystemPackage

/// A file that is whole and on the disk when `write` returns. The caller chose a temporary name and renames it.
enum OutputFile {
    static func write(_ bytes: UnsafeRawBufferPointer, to path: FilePath) throws(Failure) {
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC
        let descriptor = path.withPlatformString { open($0, flags, 0o644) }
        guard descriptor >= 0 else { throw failure(path, Errno(rawValue: errno)) }
        defer { close(descriptor) }
        do { _ = try FileDescriptor(rawValue: descriptor).writeAll(bytes) } catch {
            throw failure(path, error as? Errno ?? .ioError)
        }
        guard fsync(descriptor) == 0 else { throw failure(path, Errno(rawValue: errno)) }
    }

    private static func failure(_ path: FilePath, _ error: Errno) -> Failure {
        let message = "\(path.string.readable) cannot be written: \(error)."
        return switch error {
        case .noSpace, .diskQuotaExceeded: Failure(.diskFull, message, remedy: "Make room on the disk.")
        default: Failure(.inputOutput, message, remedy: "Check that the folder is there and may be written.")
        }
    }
}
