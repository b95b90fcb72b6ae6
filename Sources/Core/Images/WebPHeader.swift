/// Reads the chunks of a WebP file (RFC 9649).
func parseWebP(_ bytes: Span<UInt8>) throws(ImageHeaderError) -> ImageHeader {
    guard let size = bytes.uint32(at: 4, .little) else { throw .truncated(.webp) }
    let end = min(size + 8, bytes.count)
    var canvas: (width: Int, height: Int)?
    var picture: ImageHeader?
    var orientation = 1
    var offset = 12
    while offset + 8 <= end, let length = bytes.uint32(at: offset + 4, .little) {
        let content = offset + 8
        if bytes.holds("VP8X", at: offset) {
            canvas = try parseCanvas(bytes, at: content)
        } else if bytes.holds("VP8 ", at: offset) {
            picture = try parseLossy(bytes, at: content)
        } else if bytes.holds("VP8L", at: offset) {
            picture = try parseLossless(bytes, at: content)
        } else if bytes.holds("EXIF", at: offset), content + length <= end {
            // Some programs put JPEG's prefix in front.
            let prefix = bytes.holds("Exif\0\0", at: content) ? 6 : 0
            orientation = exifOrientation(in: bytes, from: content + prefix, to: content + length) ?? 1
        }
        // Without VP8X there is the picture and nothing else.
        if picture != nil && canvas == nil { break }
        // Chunks are padded to even lengths.
        offset = content + length + length % 2
    }
    guard var header = picture else {
        if end < size + 8 { throw .truncated(.webp) }
        throw .damaged(.webp, "is followed by no picture")
    }
    if let canvas, canvas != (header.width, header.height) {
        throw .damaged(.webp, "and its picture differ in size")
    }
    header.orientation = orientation
    header.isComplete = bytes.count >= size + 8
    return header
}

private func parseCanvas(_ bytes: Span<UInt8>, at offset: Int) throws(ImageHeaderError) -> (width: Int, height: Int) {
    guard let flags = bytes.byte(at: offset), let width = bytes.uint24(at: offset + 4, .little),
        let height = bytes.uint24(at: offset + 7, .little)
    else { throw .truncated(.webp) }
    guard flags & 0x02 == 0 else { throw .unsupported("an animated WebP picture") }
    return (width + 1, height + 1)
}

/// RFC 6386, section 9.1.
private func parseLossy(_ bytes: Span<UInt8>, at offset: Int) throws(ImageHeaderError) -> ImageHeader {
    guard let tag = bytes.byte(at: offset), let width = bytes.uint16(at: offset + 6, .little),
        let height = bytes.uint16(at: offset + 8, .little)
    else { throw .truncated(.webp) }
    // Only a key frame stands for itself. The upper two bits of the sides are a scale that decoders ignore.
    guard tag & 1 == 0, bytes.holds([0x9D, 0x01, 0x2A], at: offset + 3), width & 0x3FFF > 0, height & 0x3FFF > 0
    else { throw .damaged(.webp, "has no valid VP8 frame") }
    return ImageHeader(format: .webp, width: width & 0x3FFF, height: height & 0x3FFF, channels: 3, bitDepth: 8)
}

/// RFC 9649, section 3.4.
private func parseLossless(_ bytes: Span<UInt8>, at offset: Int) throws(ImageHeaderError) -> ImageHeader {
    guard let signature = bytes.byte(at: offset), let bits = bytes.uint32(at: offset + 1, .little) else {
        throw .truncated(.webp)
    }
    guard signature == 0x2F, bits >> 29 == 0 else { throw .damaged(.webp, "has no valid VP8L picture") }
    return ImageHeader(
        format: .webp, width: bits & 0x3FFF + 1, height: (bits >> 14) & 0x3FFF + 1, channels: 4, bitDepth: 8)
}
