import Glibc
package import SystemPackage

/// The file that tells the inbox from another folder of that name: from an empty mount point, or from a wrong disk
/// mounted there. Syncthing, Immich and others learnt to do the same.
package struct InboxMarker: Sendable {
    package static let name: FileName = ".gradcamd"

    package enum Presence: Equatable, Sendable {
        case present
        case missing
        /// The marker of another service.
        case other(String)
    }

    package let id: String

    /// - Parameter id: one line.
    package init(id: String) { self.id = id }

    /// - Throws: what the file system says, `ENOENT` excepted.
    package func presence(in inbox: Directory) throws(Errno) -> Presence {
        let file: FileDescriptor
        do { file = try inbox.openForReading(Self.name) } catch .noSuchFileOrDirectory {
            return .missing
        } catch .tooManySymbolicLinkLevels { return .other("a symbolic link") }
        defer { close(file.rawValue) }
        // A line, whatever somebody put there.
        let bytes = withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { buffer -> [UInt8]? in
            let count = Glibc.read(file.rawValue, buffer.baseAddress, buffer.count)
            return count < 0 ? nil : Array(buffer[..<count])
        }
        guard let bytes else { return .other("not a file") }
        let line = String(readable: bytes.prefix { $0 != UInt8(ascii: "\n") })
        return line == id ? .present : .other(line)
    }

    /// Writes it durably, in the place of another one.
    package func write(in inbox: Directory) throws(Errno) {
        do { try inbox.remove(Self.name) } catch .noSuchFileOrDirectory {}
        // Everybody who may drop files could have put something else here meanwhile: O_EXCL.
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let file = FileDescriptor(
            rawValue: try Errno.check(
                Self.name.withPlatformString { openat(inbox.descriptor, $0, flags, 0o640) }))
        do {
            defer { close(file.rawValue) }
            do { _ = try file.writeAll((id + "\n").utf8) } catch let error as Errno { throw error } catch {
                throw .ioError
            }
            try Errno.check(fsync(file.rawValue))
        }
        try inbox.sync()
    }

    /// Why the path does not lead to this inbox any more; `nil` where it does.
    package func fault(of inbox: Directory) -> String? {
        var there = stat()
        guard inbox.path.withPlatformString({ lstat($0, &there) }) == 0 else {
            return errno == ENOENT ? "it is gone" : "it cannot be reached (\(Errno(rawValue: errno)))"
        }
        guard there.st_mode & S_IFMT == S_IFDIR else { return "there is no folder any more" }
        var open = stat()
        guard fstat(inbox.descriptor, &open) == 0 else { return "it cannot be reached (\(Errno(rawValue: errno)))" }
        guard there.st_dev == open.st_dev, there.st_ino == open.st_ino else {
            return "another folder took its place"
        }
        return faultOfMarker(in: inbox)
    }

    package func faultOfMarker(in inbox: Directory) -> String? {
        do throws(Errno) {
            switch try presence(in: inbox) {
            case .present: return nil
            case .missing: return "the folder there lacks our mark, the file \(Self.name.text)"
            case .other(let id): return "the folder there has the mark of another service (\(id))"
            }
        } catch {
            return "it cannot be read (\(error))"
        }
    }
}
