import Glibc
package import SystemPackage

extension Directory {
    /// Gives a file a second name, or where that may not be (another owner's file: proc(5), protected_hardlinks; file
    /// systems without links) copies its content, synced.
    package func linkOrCopy(_ name: FileName, to target: Directory, as newName: FileName) throws(Errno) {
        do { try link(name, to: target, as: newName) } catch {
            guard [.notPermitted, .improperLink, .tooManyLinks, .notSupported].contains(error) else { throw error }
            try copy(name, to: target, as: newName)
        }
    }

    private func copy(_ name: FileName, to target: Directory, as newName: FileName) throws(Errno) {
        let source = try openForReading(name)
        defer { close(source.rawValue) }
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let copy = try Errno.check(newName.withPlatformString { openat(target.descriptor, $0, flags, 0o640) })
        defer { close(copy) }
        while try Errno.check(Int32(clamping: sendfile(copy, source.rawValue, nil, 1 << 24))) > 0 {}
        try Errno.check(fsync(copy))
    }
}
