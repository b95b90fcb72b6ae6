import Glibc
import Synchronization
import SystemPackage

/// An inotify(7) instance: one watch for each directory.
final class Inotify: Sendable {
    struct Mask: OptionSet, Sendable {
        let rawValue: UInt32

        static let closeWrite = Mask(IN_CLOSE_WRITE)
        static let movedTo = Mask(IN_MOVED_TO)
        /// link(2), symlink(2) and mkdir(2) give only this one.
        static let create = Mask(IN_CREATE)
        /// chmod and setfacl after a file that could not be read, and utime after `ln`.
        static let attributes = Mask(IN_ATTRIB)
        static let movedFrom = Mask(IN_MOVED_FROM)
        static let delete = Mask(IN_DELETE)
        static let deleteSelf = Mask(IN_DELETE_SELF)
        static let moveSelf = Mask(IN_MOVE_SELF)
        static let onlyDirectory = Mask(IN_ONLYDIR)
        static let excludeUnlinked = Mask(IN_EXCL_UNLINK)
        static let unmount = Mask(IN_UNMOUNT)
        static let overflow = Mask(IN_Q_OVERFLOW)
        static let ignored = Mask(IN_IGNORED)
        static let isDirectory = Mask(IN_ISDIR)

        /// Without IN_MODIFY: one event for each write(2) would fill the queue of 16,384.
        static let inbox: Mask = [
            closeWrite, movedTo, create, attributes, movedFrom, delete, deleteSelf, moveSelf, onlyDirectory,
            excludeUnlinked,
        ]

        init(rawValue: UInt32) { self.rawValue = rawValue }
        private init(_ flag: Int) { rawValue = UInt32(truncatingIfNeeded: flag) }
        private init(_ flag: Int32) { rawValue = UInt32(bitPattern: flag) }
        private init(_ flag: UInt32) { rawValue = flag }
    }

    /// One record of the kernel's queue.
    struct Record: Equatable {
        /// -1 for an overflow.
        let watch: Int32
        let mask: Mask
        /// `nil` for what concerns the directory itself.
        let name: FileName?
    }

    let descriptor: Int32
    private let maximumWatches: Int
    private let watches = Atomic(0)

    /// - Parameter maximumWatches: as if the kernel granted no more.
    init(maximumWatches: Int = .max) throws(Errno) {
        self.maximumWatches = maximumWatches
        descriptor = try Errno.check(inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC)))
    }

    deinit { close(descriptor) }

    /// Watches the very directory that is open, whatever its path means by now. The link in /proc is followed, so
    /// IN_DONT_FOLLOW must be off here; the directory itself was opened with O_NOFOLLOW.
    ///
    /// - Throws: `ENOSPC` where `fs.inotify.max_user_watches` is reached.
    func watch(_ directory: Directory) throws(Errno) -> Int32 {
        guard watches.wrappingAdd(1, ordering: .relaxed).newValue <= maximumWatches else { throw .noSpace }
        return try Errno.check(
            inotify_add_watch(descriptor, "/proc/self/fd/\(directory.descriptor)", Mask.inbox.rawValue))
    }

    func unwatch(_ watch: Int32) { _ = inotify_rm_watch(descriptor, watch) }

    /// All that is queued, up to one buffer; empty where nothing is.
    func read() throws(Errno) -> [Record] {
        let result: Result<[Record], Errno> = withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 8) {
            let count = Glibc.read(descriptor, $0.baseAddress, $0.count)
            guard count >= 0 else {
                return errno == EAGAIN || errno == EINTR ? .success([]) : .failure(Errno(rawValue: errno))
            }
            return .success(Self.records(in: UnsafeRawBufferPointer(rebasing: $0[..<count])))
        }
        return try result.get()
    }

    /// Parses what one read(2) returned; the kernel never splits a record.
    static func records(in bytes: UnsafeRawBufferPointer) -> [Record] {
        let header = MemoryLayout<inotify_event>.size
        var records: [Record] = []
        var offset = 0
        while bytes.count - offset >= header {
            let event = bytes.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
            let start = offset + header
            let end = start + Int(event.len)
            guard end <= bytes.count else { break }
            // Names are padded with NULs to a multiple of the header's size.
            let name = bytes[start..<end].prefix { $0 != 0 }
            records.append(
                Record(watch: event.wd, mask: Mask(rawValue: event.mask), name: FileName(bytes: name)))
            offset = end
        }
        return records
    }
}
