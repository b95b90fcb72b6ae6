import Glibc
package import SystemPackage

/// The names in a directory but `.` and `..`, one after the other, in no order. Memory does not grow with their
/// number, and it may take as long as one likes: what is there all the while comes exactly once.
package final class DirectoryEntries {
    private let stream: OpaquePointer

    /// - Throws: what openat(2) says.
    package init(of directory: Directory) throws(Errno) {
        // A descriptor of its own: directory streams share the offset of a duplicate.
        let descriptor = try Errno.check(".".withCString { openat(directory.descriptor, $0, Directory.flags) })
        guard let stream = fdopendir(descriptor) else {
            let error = Errno(rawValue: errno)
            close(descriptor)
            throw error
        }
        self.stream = stream
    }

    deinit { closedir(stream) }

    /// - Returns: `nil` at the end.
    /// - Throws: what getdents(2) says: `EIO`, `ESTALE`.
    package func next() throws(Errno) -> FileName? {
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw Errno(rawValue: errno) }
                return nil
            }
            // Through the record's own length: the imported tuple of 256 bytes may end beyond the buffer.
            let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
            let start = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
            let length = strnlen(start, Int(entry.pointee.d_reclen) - offset)
            if let name = FileName(bytes: UnsafeRawBufferPointer(start: start, count: length)) { return name }
        }
    }
}
