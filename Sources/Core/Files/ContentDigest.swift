import Crypto
package import Foundation
package import SystemPackage

/// SHA-256 of what a file holds (FIPS 180-4), read in pieces so that memory does not grow with the file.
package enum ContentDigest {
    private static let pieceSize = 1 << 20

    /// - Parameter file: read by position; its offset stays.
    /// - Returns: 32 bytes.
    package static func sha256(of file: FileDescriptor) throws(Errno) -> Data {
        var digest = SHA256()
        var offset: Int64 = 0
        let result: Result<Void, Errno> = withUnsafeTemporaryAllocation(byteCount: pieceSize, alignment: 8) { piece in
            while true {
                do {
                    let count = try file.read(fromAbsoluteOffset: offset, into: piece)
                    if count == 0 { return .success(()) }
                    digest.update(bufferPointer: UnsafeRawBufferPointer(rebasing: piece[..<count]))
                    offset += Int64(count)
                } catch {
                    return .failure(error as? Errno ?? .ioError)
                }
            }
        }
        try result.get()
        return Data(digest.finalize())
    }
}

extension Data {
    /// "9f86d0…", two digits each byte.
    package var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
