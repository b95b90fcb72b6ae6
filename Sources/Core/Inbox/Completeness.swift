import Glibc
package import SystemPackage

/// Whether a file holds all that it announces. It is asked of the file itself, whatever its name is; what is no
/// picture is whole, for the worker has the words for it.
package enum Completeness {
    /// Files up to this size are read as a whole and parsed; of larger ones the ends are looked at, for memory and
    /// time stay flat. 16 MiB.
    package static let parsedSize: Int64 = 16 << 20

    /// - Parameters:
    ///   - file: open for reading.
    ///   - size: bytes, as fstat(2) says.
    /// - Returns: `nil` for a whole file.
    package static func gap(of file: FileDescriptor, size: Int64) throws(Errno) -> Gap? {
        if size == 0 { return .empty }
        let isParsed = size <= parsedSize
        let head = try read(file, from: 0, count: isParsed ? Int(size) : 4 << 10)
        if head.prefix(64).allSatisfy({ $0 == 0 }) { return .zeros }
        return isParsed ? gapByParsing(head) : try gapByEnds(file, size: size, head: head)
    }

    private static func gapByParsing(_ bytes: [UInt8]) -> Gap? {
        do throws(ImageHeaderError) {
            let header = try ImageHeader(parsing: bytes)
            return header.isComplete ? nil : .cut(header.format)
        } catch .truncated(let format) {
            return .cut(format)
        } catch {
            return nil
        }
    }

    private static func gapByEnds(_ file: FileDescriptor, size: Int64, head: [UInt8]) throws(Errno) -> Gap? {
        let format: ImageFormat
        do { format = try recognize(head.span) } catch { return nil }
        let isWhole: Bool
        switch format {
        case .jpeg: isWhole = try tail(of: file, size: size, holds: [0xFF, 0xD9])
        case .png: isWhole = try tail(of: file, size: size, holds: Array("IEND".utf8))
        case .webp: isWhole = size >= announcedSize(head, at: 4) + 8
        case .bmp: isWhole = size >= announcedSize(head, at: 2)
        // Its directory may stand anywhere.
        case .tiff: isWhole = true
        }
        return isWhole ? nil : .cut(format)
    }

    /// Some programs put a little behind the picture.
    private static func tail(
        of file: FileDescriptor, size: Int64, holds mark: [UInt8]
    ) throws(Errno) -> Bool {
        let bytes = try read(file, from: max(0, size - 64 << 10), count: 64 << 10)
        guard bytes.count >= mark.count else { return false }
        return (0...bytes.count - mark.count).contains { bytes[$0..<$0 + mark.count].elementsEqual(mark) }
    }

    private static func announcedSize(_ head: [UInt8], at offset: Int) -> Int64 {
        Int64(head.span.uint32(at: offset, .little) ?? 0)
    }

    /// - Returns: fewer bytes where the file ends before.
    private static func read(_ file: FileDescriptor, from offset: Int64, count: Int) throws(Errno) -> [UInt8] {
        var problem: Errno?
        // Not cleared first: that would take as long as the reading.
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let result = pread(
                    file.rawValue, buffer.baseAddress?.advanced(by: filled), count - filled, off_t(offset) + filled)
                if result < 0, errno == EINTR { continue }
                if result < 0 { problem = Errno(rawValue: errno) }
                if result <= 0 { break }
                filled += result
            }
        }
        if let problem { throw problem }
        return bytes
    }
}
