/// Reads the chunks of a PNG file (W3C, "Portable Network Graphics Specification").
func parsePNG(_ bytes: Span<UInt8>) throws(ImageHeaderError) -> ImageHeader {
    var header = try parseIHDR(bytes)
    var hasPixels = false
    var offset = 8
    while let length = bytes.uint32(at: offset, .big), offset + 12 + length <= bytes.count {
        let content = offset + 8
        if bytes.holds("IDAT", at: offset + 4) {
            hasPixels = true
        } else if bytes.holds("eXIf", at: offset + 4) {
            header.orientation = exifOrientation(in: bytes, from: content, to: content + length) ?? 1
        } else if bytes.holds("IEND", at: offset + 4) {
            header.isComplete = hasPixels
            break
        }
        offset = content + length + 4
    }
    return header
}

private func parseIHDR(_ bytes: Span<UInt8>) throws(ImageHeaderError) -> ImageHeader {
    guard let length = bytes.uint32(at: 8, .big), let width = bytes.uint32(at: 16, .big),
        let height = bytes.uint32(at: 20, .big), let bitDepth = bytes.byte(at: 24),
        let colorType = bytes.byte(at: 25)
    else { throw .truncated(.png) }
    guard length == 13, bytes.holds("IHDR", at: 12) else { throw .damaged(.png, "does not begin with IHDR") }
    guard (1...0x7FFF_FFFF).contains(width), (1...0x7FFF_FFFF).contains(height) else {
        throw .damaged(.png, "has a size of \(width) x \(height)")
    }
    let channels: Int
    let depths: [Int]
    switch colorType {
    case 0: (channels, depths) = (1, [1, 2, 4, 8, 16])
    case 2: (channels, depths) = (3, [8, 16])
    case 3: (channels, depths) = (1, [1, 2, 4, 8])
    case 4: (channels, depths) = (2, [8, 16])
    case 6: (channels, depths) = (4, [8, 16])
    default: throw .damaged(.png, "has the unknown colour type \(colorType)")
    }
    guard depths.contains(bitDepth) else { throw .damaged(.png, "has \(bitDepth) bits in colour type \(colorType)") }
    return ImageHeader(format: .png, width: width, height: height, channels: channels, bitDepth: bitDepth)
}
