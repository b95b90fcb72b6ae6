import Glibc

enum ByteOrder { case little, big }

/// Numbers in untrusted bytes: `nil` where they would reach beyond the end. Offsets may have any value.
extension Span where Element == UInt8 {
    func byte(at offset: Int) -> Int? {
        guard offset >= 0, offset < count else { return nil }
        return Int(self[offset])
    }

    func uint16(at offset: Int, _ order: ByteOrder) -> Int? { number(at: offset, width: 2, order) }
    func uint24(at offset: Int, _ order: ByteOrder) -> Int? { number(at: offset, width: 3, order) }
    func uint32(at offset: Int, _ order: ByteOrder) -> Int? { number(at: offset, width: 4, order) }

    func int32(at offset: Int, _ order: ByteOrder) -> Int? {
        number(at: offset, width: 4, order).map { Int(Int32(truncatingIfNeeded: $0)) }
    }

    /// Whether the characters of `text` (ASCII) stand at `offset`.
    func holds(_ text: StaticString, at offset: Int) -> Bool {
        text.withUTF8Buffer { holds($0, at: offset) }
    }

    func holds(_ pattern: some Collection<UInt8>, at offset: Int) -> Bool {
        guard offset >= 0, offset <= count, count - offset >= pattern.count else { return false }
        var index = offset
        for byte in pattern {
            guard self[index] == byte else { return false }
            index += 1
        }
        return true
    }

    /// Where the byte stands first at `offset` or behind it. memchr(3) looks at many bytes at a time.
    func firstIndex(of byte: UInt8, from offset: Int) -> Int? {
        withUnsafeBytes { bytes in
            guard offset >= 0, offset < bytes.count, let start = bytes.baseAddress,
                let found = memchr(start + offset, Int32(byte), bytes.count - offset)
            else { return nil }
            return UnsafeRawPointer(found) - start
        }
    }

    private func number(at offset: Int, width: Int, _ order: ByteOrder) -> Int? {
        guard offset >= 0, offset <= count - width else { return nil }
        var value = 0
        for index in 0..<width {
            value = value << 8 | Int(self[offset + (order == .big ? index : width - 1 - index)])
        }
        return value
    }
}
