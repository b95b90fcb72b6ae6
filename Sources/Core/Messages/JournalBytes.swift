package import Logging
package import SystemPackage

/// The value of a journal field that need not be text, as the name of a file: the journal has it byte for byte, people
/// read it with what cannot be shown replaced.
package struct JournalBytes: Equatable, Sendable, CustomStringConvertible {
    package let bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package init(_ path: FilePath) { self.init(RawPath(path).bytes) }

    package var description: String { String(readable: bytes) }
}

extension Logger.MetadataValue {
    package static func bytes(_ bytes: JournalBytes) -> Logger.MetadataValue { .stringConvertible(bytes) }
}
