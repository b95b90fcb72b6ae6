/// Reads the headers of a Windows bitmap: BITMAPFILEHEADER, then BITMAPCOREHEADER or BITMAPINFOHEADER and its
/// successors.
func parseBMP(_ bytes: Span<UInt8>) throws(ImageHeaderError) -> ImageHeader {
    guard let pixels = bytes.uint32(at: 10, .little), let headerLength = bytes.uint32(at: 14, .little) else {
        throw .truncated(.bmp)
    }
    let isCore = headerLength == 12
    guard isCore || (40...124).contains(headerLength) else {
        throw .damaged(.bmp, "has a length of \(headerLength) bytes")
    }
    guard let width = isCore ? bytes.uint16(at: 18, .little) : bytes.int32(at: 18, .little),
        let signedHeight = isCore ? bytes.uint16(at: 20, .little) : bytes.int32(at: 22, .little),
        let bits = bytes.uint16(at: isCore ? 24 : 28, .little),
        let compression = isCore ? 0 : bytes.uint32(at: 30, .little),
        let dataLength = isCore ? 0 : bytes.uint32(at: 34, .little)
    else { throw .truncated(.bmp) }
    // A negative height means that the first row is the upper one.
    let height = abs(signedHeight)
    guard width > 0, height > 0 else { throw .damaged(.bmp, "has a size of \(width) x \(signedHeight)") }
    guard [1, 4, 8, 16, 24, 32].contains(bits) else { throw .damaged(.bmp, "has pixels of \(bits) bits") }
    let expectedLength: Int
    switch compression {
    // Rows of whole 32-bit words. No overflow: below 2^31 x 32 bits, times 2^31 rows is checked.
    case 0, 3:
        let (product, overflow) = ((width * bits + 31) / 32 * 4).multipliedReportingOverflow(by: height)
        expectedLength = overflow ? Int.max - pixels : product
    // Run-length coded: only the encoder knows.
    case 1, 2: expectedLength = dataLength
    default: throw .unsupported("a BMP picture with compression \(compression)")
    }
    return ImageHeader(
        format: .bmp, width: width, height: height, channels: bits <= 8 ? 1 : bits == 32 ? 4 : 3,
        bitDepth: bits <= 8 ? bits : 8, isComplete: pixels + expectedLength <= bytes.count)
}
