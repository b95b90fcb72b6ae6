import Core
import Glibc
import SystemPackage

/// A file that anybody may have put there: opened without following links and without blocking, checked before a
/// byte of it is kept.
enum HostileFile {
    /// The content of a regular file.
    ///
    /// - Throws: `unreadable`, `not_a_regular_file`, `image_too_large`, `input_output`.
    static func read(_ path: FilePath, limits: ImageLimits) throws(Failure) -> [UInt8] {
        let descriptor = path.withPlatformString { open($0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY) }
        guard descriptor >= 0 else { throw failure(toOpen: path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(toOpen: path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Failure(
                .notARegularFile, "\(path.string.readable) is not a regular file.", remedy: "Send the file itself.")
        }
        let size = Int(status.st_size)
        do { try limits.check(fileBytes: size) } catch {
            throw Failure(.imageTooLarge, error.message, remedy: error.remedy)
        }
        return try content(of: descriptor, size: size, path)
    }

    /// read(2), not mmap(2): a writer that shortens a mapped file would end this process.
    private static func content(of descriptor: Int32, size: Int, _ path: FilePath) throws(Failure) -> [UInt8] {
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                guard let address = buffer.baseAddress else { return }
                let result = Glibc.read(descriptor, address + count, size - count)
                if result < 0, errno == EINTR { continue }
                failed = result < 0
                if result <= 0 { return }
                count += result
            }
        }
        guard !failed else { throw Failure(.inputOutput, "\(path.string.readable) cannot be read to its end.") }
        return bytes
    }

    private static func failure(toOpen path: FilePath) -> Failure {
        let error = Errno(rawValue: errno)
        let name = path.string.readable
        return switch error {
        case .tooManySymbolicLinkLevels:
            Failure(
                .notARegularFile, "\(name) is a symbolic link, which is not followed.", remedy: "Send the file itself.")
        case .permissionDenied, .noSuchFileOrDirectory:
            Failure(.unreadable, "\(name) cannot be opened: \(error).", remedy: "Check its path and permissions.")
        case .noSuchAddressOrDevice:
            Failure(.notARegularFile, "\(name) is not a regular file.", remedy: "Send the file itself.")
        default: Failure(.inputOutput, "\(name) cannot be opened: \(error).")
        }
    }
}
