/// Reads the markers of a JPEG file (ITU-T T.81, annex B).
func parseJPEG(_ bytes: Span<UInt8>) throws(ImageHeaderError) -> ImageHeader {
    var header: ImageHeader?
    var orientation: Int?
    var hasPixels = false
    var isComplete = false
    var offset = 2
    while let marker = nextMarker(in: bytes, from: &offset) {
        if marker == 0xD9 {
            isComplete = hasPixels
            break
        }
        // Restart markers and TEM stand alone.
        if (0xD0...0xD8).contains(marker) || marker == 0x01 || marker == 0 { continue }
        guard let length = bytes.uint16(at: offset, .big), offset + length <= bytes.count else { break }
        guard length >= 2 else { throw .damaged(.jpeg, "has a segment of no length") }
        switch marker {
        case 0xC0...0xCF where ![0xC4, 0xC8, 0xCC].contains(marker):
            guard header == nil else { throw .damaged(.jpeg, "describes two pictures at once") }
            header = try parseFrame(bytes, at: offset, length: length, marker: marker)
        case 0xE1 where orientation == nil && bytes.holds("Exif\0\0", at: offset + 2):
            orientation = exifOrientation(in: bytes, from: offset + 8, to: offset + length)
        case 0xDA:
            guard header != nil else { throw .damaged(.jpeg, "has pixels before their size") }
            hasPixels = true
        default: break
        }
        offset += length
    }
    guard var header else { throw .truncated(.jpeg) }
    header.orientation = orientation ?? 1
    header.isComplete = isComplete
    return header
}

/// The code of the next marker; `offset` goes behind it. Entropy-coded pixels are passed over: there, 0xFF is always
/// followed by 0 (returned as marker 0) or by a restart marker. So is what careless programs leave between segments.
private func nextMarker(in bytes: Span<UInt8>, from offset: inout Int) -> UInt8? {
    guard let found = bytes.firstIndex(of: 0xFF, from: offset) else { return nil }
    offset = found
    while offset < bytes.count, bytes[offset] == 0xFF { offset += 1 }
    guard offset < bytes.count else { return nil }
    offset += 1
    return bytes[offset - 1]
}

private func parseFrame(
    _ bytes: Span<UInt8>, at offset: Int, length: Int, marker: UInt8
) throws(ImageHeaderError) -> ImageHeader {
    // Baseline, extended and progressive, with Huffman or arithmetic coding.
    guard [0xC0, 0xC1, 0xC2, 0xC9, 0xCA].contains(marker) else {
        throw .unsupported("a lossless or hierarchical JPEG picture")
    }
    guard length >= 8, let precision = bytes.byte(at: offset + 2), let height = bytes.uint16(at: offset + 3, .big),
        let width = bytes.uint16(at: offset + 5, .big), let channels = bytes.byte(at: offset + 7)
    else { throw .damaged(.jpeg, "has a frame that is too short") }
    guard precision == 8 else { throw .unsupported("a JPEG picture of \(precision) bits") }
    guard [1, 3, 4].contains(channels) else { throw .unsupported("a JPEG picture of \(channels) channels") }
    guard width > 0, height > 0 else { throw .damaged(.jpeg, "has a size of \(width) x \(height)") }
    return ImageHeader(format: .jpeg, width: width, height: height, channels: channels, bitDepth: 8)
}
