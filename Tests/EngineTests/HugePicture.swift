import Foundation

/// A valid BMP of one bit a pixel, all black. Its file is a hole: 12.5 MB for 100 megapixels, which no disk holds.
/// The layout is that of BITMAPINFOHEADER.
enum HugePicture {
    /// - Parameter side: of the square, in pixels; a multiple of 32.
    static func write(side: Int, to path: String) throws {
        let pixels = side / 8 * side
        var header: [UInt8] = Array("BM".utf8)
        for value in [62 + pixels, 0, 62, 40, side, side] { header += littleEndian(value, bytes: 4) }
        header += littleEndian(1, bytes: 2) + littleEndian(1, bytes: 2)
        for value in [0, pixels, 2835, 2835, 2, 0, 0x000000, 0xFFFFFF] { header += littleEndian(value, bytes: 4) }
        try Data(header).write(to: URL(filePath: path))
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        try file.truncate(atOffset: UInt64(62 + pixels))
        try file.close()
    }

    private static func littleEndian(_ value: Int, bytes: Int) -> [UInt8] {
        (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
