import Foundation
import Testing

/// A .npy file of float32 or int64, as numpy.save writes it; read independently of the code under test.
struct ReferenceArray {
    var shape: [Int]
    /// Of a float32 file.
    var floats: [Float] = []
    /// Of an int64 file.
    var integers: [Int64] = []

    init(contentsOf path: String) throws {
        let bytes = try Data(contentsOf: URL(filePath: path))
        try #require(bytes.starts(with: [0x93] + Array("NUMPY".utf8) + [1, 0]), "\(path)")
        let start = 10 + Int(bytes[8]) + Int(bytes[9]) << 8
        let header = String(decoding: bytes[10..<start], as: UTF8.self)
        try #require(header.contains("'fortran_order': False"))
        let list = try #require(header.firstMatch(of: /\(([0-9, ]*)\)/)).1
        shape = list.split(separator: ",").compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
        let content = Data(bytes[start...])
        content.withUnsafeBytes { raw in
            if header.contains("'<f4'") { floats = Array(raw.bindMemory(to: Float.self)) }
            if header.contains("'<i8'") { integers = Array(raw.bindMemory(to: Int64.self)) }
        }
        try #require(floats.count + integers.count == shape.reduce(1, *), "\(path)")
    }

    /// The largest difference of two maps, by the reference's peak; infinite where they have not the same cells.
    func difference(to reference: ReferenceArray) -> Float {
        guard floats.count == reference.floats.count, let peak = reference.floats.map(abs).max(), peak > 0 else {
            return .infinity
        }
        return zip(floats, reference.floats).map { abs($0 - $1) }.max().map { $0 / peak } ?? .infinity
    }
}
