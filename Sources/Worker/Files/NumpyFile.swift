import Core
import Foundation
import SystemPackage

/// Arrays of float32 as .npy files, version 1.0, row-major, little-endian:
/// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
struct NumpyFile: Equatable {
    var shape: [Int]
    var values: [Float]

    private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
    private static let alignment = 64

    init(shape: [Int], values: [Float]) {
        self.shape = shape
        self.values = values
    }

    /// - Throws: `bad_tensor` that says what the file is instead.
    init(parsing bytes: [UInt8]) throws(Failure) {
        guard bytes.count >= 12, bytes.starts(with: Self.magic) else {
            throw Self.wrong("it does not begin as a .npy file")
        }
        let headerStart = bytes[6] == 1 ? 10 : 12
        let lengthBytes = bytes[8..<headerStart]
        let headerLength = lengthBytes.reversed().reduce(0) { $0 << 8 | Int($1) }
        guard headerLength <= bytes.count - headerStart else { throw Self.wrong("its header is cut off") }
        let header = String(decoding: bytes[headerStart..<(headerStart + headerLength)], as: UTF8.self)
        guard header.contains("'<f4'") else { throw Self.wrong("it does not hold little-endian float32 values") }
        guard header.contains("'fortran_order': False") else { throw Self.wrong("it is not row-major") }
        guard let match = header.firstMatch(of: /'shape': \(([0-9, ]*)\)/) else { throw Self.wrong("it has no shape") }
        let shape = match.1.split(separator: ",").compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
        var count = 1
        for size in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            guard !overflow, product <= bytes.count else { throw Self.wrong("its values are cut off") }
            count = product
        }
        let start = headerStart + headerLength
        guard bytes.count - start >= count * 4 else { throw Self.wrong("its values are cut off") }
        self.shape = shape
        values = bytes.withUnsafeBytes { raw in
            (0..<count).map {
                Float(
                    bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: start + 4 * $0, as: UInt32.self))
                )
            }
        }
    }

    var bytes: [UInt8] {
        let dimensions = shape.count == 1 ? "\(shape[0])," : shape.map(String.init).joined(separator: ", ")
        var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(dimensions)), }"
        let length = Self.magic.count + 4 + header.utf8.count + 1
        header += String(repeating: " ", count: (Self.alignment - length % Self.alignment) % Self.alignment) + "\n"
        let size = UInt16(header.utf8.count)
        var bytes = Self.magic + [1, 0, UInt8(size & 0xFF), UInt8(size >> 8)] + Array(header.utf8)
        for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 } }
        return bytes
    }

    private static func wrong(_ reason: String) -> Failure {
        Failure(.badTensor, "The tensor cannot be read: \(reason).", remedy: "Save it with numpy.save, as float32.")
    }
}
