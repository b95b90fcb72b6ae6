/// The format by its leading bytes; names do not count.
func recognize(_ bytes: Span<UInt8>) throws(ImageHeaderError) -> ImageFormat {
    if bytes.holds([0xFF, 0xD8, 0xFF], at: 0) { return .jpeg }
    if bytes.holds([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], at: 0) { return .png }
    if bytes.holds("RIFF", at: 0), bytes.holds("WEBP", at: 8) { return .webp }
    if bytes.holds([0x49, 0x49, 0x2A, 0x00], at: 0) || bytes.holds([0x4D, 0x4D, 0x00, 0x2A], at: 0) { return .tiff }
    // Two letters are too few to tell a picture from prose.
    if bytes.holds("BM", at: 0), !isText(bytes) { return .bmp }
    if let picture = otherPicture(bytes) { throw .unsupported(picture) }
    throw .notAnImage(otherFile(bytes))
}

private func otherPicture(_ bytes: Span<UInt8>) -> String? {
    if bytes.holds([0x49, 0x49, 0x2B, 0x00], at: 0) || bytes.holds([0x4D, 0x4D, 0x00, 0x2B], at: 0) {
        return "a BigTIFF picture"
    }
    if bytes.holds("GIF8", at: 0) { return "a GIF picture" }
    if bytes.holds("ftyp", at: 4) {
        let isAVIF = bytes.holds("avif", at: 8) || bytes.holds("avis", at: 8)
        if isAVIF { return "an AVIF picture" }
        let isHEIF = ["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"].contains { brand in
            bytes.holds(brand.utf8, at: 8)
        }
        if isHEIF { return "an HEIC picture" }
    }
    if bytes.holds([0, 0, 0, 0x0C, 0x6A, 0x50, 0x20, 0x20], at: 0) || bytes.holds([0xFF, 0x4F, 0xFF, 0x51], at: 0) {
        return "a JPEG 2000 picture"
    }
    if bytes.holds([0, 0, 0, 0x0C, 0x4A, 0x58, 0x4C, 0x20], at: 0) || bytes.holds([0xFF, 0x0A], at: 0) {
        return "a JPEG XL picture"
    }
    if bytes.holds("DICM", at: 128) { return "a DICOM file" }
    if bytes.holds("8BPS", at: 0) { return "a Photoshop file" }
    if bytes.holds([0x76, 0x2F, 0x31, 0x01], at: 0) { return "an OpenEXR picture" }
    if bytes.holds([0, 0, 1, 0], at: 0) { return "a Windows icon" }
    if bytes.holds("<svg", at: 0) { return "an SVG drawing" }
    return nil
}

private func otherFile(_ bytes: Span<UInt8>) -> String {
    if bytes.count == 0 { return "an empty file" }
    if bytes.holds("%PDF", at: 0) { return "a PDF document" }
    if bytes.holds("PK\u{3}\u{4}", at: 0) { return "a ZIP archive or Office document" }
    if bytes.holds([0x1F, 0x8B], at: 0) { return "a gzip archive" }
    if bytes.holds([0x7F, 0x45, 0x4C, 0x46], at: 0) { return "a program" }
    if bytes.holds("ftyp", at: 4) { return "a video" }
    if bytes.holds("RIFF", at: 0) { return "a sound or video" }
    if isText(bytes) { return "a text file" }
    if leading(bytes, allSatisfy: { $0 == 0 }) { return "a file that begins with zeros, as unfinished copies do" }
    return "a file of unknown kind"
}

/// Printable characters, white space and UTF-8 only.
private func isText(_ bytes: Span<UInt8>) -> Bool {
    leading(bytes) { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
}

private func leading(_ bytes: Span<UInt8>, allSatisfy isFitting: (UInt8) -> Bool) -> Bool {
    let count = min(bytes.count, 64)
    for index in 0..<count {
        guard isFitting(bytes[index]) else { return false }
    }
    return count > 0
}
