/// The name of a file as the kernel has it: bytes without `/` and NUL, which need not be UTF-8.
package struct FileName: Hashable, Sendable {
    package let bytes: [UInt8]

    /// - Returns: `nil` for what cannot be an entry of a directory: empty, `.`, `..`, or with `/` or NUL in it.
    package init?(bytes: some Sequence<UInt8>) {
        let bytes = Array(bytes)
        let dot = UInt8(ascii: ".")
        guard !bytes.isEmpty, bytes != [dot], bytes != [dot, dot] else { return nil }
        guard !bytes.contains(0), !bytes.contains(UInt8(ascii: "/")) else { return nil }
        self.bytes = bytes
    }

    package init?(_ text: String) { self.init(bytes: text.utf8) }

    /// For people: bytes that are not UTF-8 and control characters become U+FFFD.
    package var text: String { String(readable: bytes) }

    package func withPlatformString<Result>(_ body: (UnsafePointer<CChar>) throws -> Result) rethrows -> Result {
        try (bytes + [0]).withUnsafeBytes { raw in
            try raw.withMemoryRebound(to: CChar.self) { characters in
                // The buffer holds at least the NUL, so it has an address.
                guard let address = characters.baseAddress else { preconditionFailure("an empty name") }
                return try body(address)
            }
        }
    }

    /// The longest name that ext4, XFS, btrfs and tmpfs take, in bytes (`NAME_MAX` of limits.h).
    package static let maximumLength = 255

    /// `prefix` + this name + `suffix`, with bytes taken out before the extension where it would be too long.
    package func wrapped(prefix: String, suffix: String) -> FileName {
        let spare = Self.maximumLength - prefix.utf8.count - suffix.utf8.count
        var middle = bytes
        if middle.count > spare {
            let dot = middle.lastIndex(of: UInt8(ascii: ".")).flatMap { middle.count - $0 <= 16 ? $0 : nil }
            let tail = dot.map { Array(middle[$0...]) } ?? []
            middle = Array(middle.prefix(max(1, spare - tail.count))) + tail
        }
        return FileName(unchecked: Array(prefix.utf8) + middle + Array(suffix.utf8))
    }

    private init(unchecked bytes: [UInt8]) { self.bytes = bytes }
}

extension FileName: ExpressibleByStringLiteral {
    /// For names in the source, which are checked by whoever reads them.
    package init(stringLiteral value: StaticString) { bytes = value.withUTF8Buffer { Array($0) } }
}

extension String {
    /// Text for people and logs out of any bytes: what is not UTF-8, and every control character, is U+FFFD, so
    /// that a hostile name can neither break a line nor colour a terminal.
    package init(readable bytes: some Sequence<UInt8>) {
        self = String(decoding: Array(bytes), as: UTF8.self).readable
    }

    package var readable: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .lineSeparator, .paragraphSeparator, .format, .surrogate: "\u{FFFD}"
                    default: scalar
                    }
                }))
    }
}
