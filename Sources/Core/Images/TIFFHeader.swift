/// Reads the first picture of a classic TIFF file (TIFF 6.0).
func parseTIFF(_ bytes: Span<UInt8>) throws(ImageHeaderError) -> ImageHeader {
    // Many programs write the directory last: without it the file is most likely cut off.
    guard let directory = TIFFDirectory(in: bytes, from: 0, to: bytes.count) else { throw .truncated(.tiff) }
    guard let width = directory.value(.width, in: bytes), let height = directory.value(.height, in: bytes),
        width > 0, height > 0
    else { throw .damaged(.tiff, "has no size") }
    let channels = directory.value(.samplesPerPixel, in: bytes) ?? 1
    let bitDepth = directory.value(.bitsPerSample, in: bytes) ?? 1
    guard (1...255).contains(channels) else { throw .damaged(.tiff, "has \(channels) samples for each pixel") }
    let isInteger = (directory.value(.sampleFormat, in: bytes) ?? 1) == 1
    guard isInteger, [1, 2, 4, 8, 16].contains(bitDepth) else {
        throw .unsupported("a TIFF picture of \(bitDepth)-bit \(isInteger ? "integers" : "signed or real numbers")")
    }
    // 16-bit samples are taken as they stand, for interleaved RGB or for grey with black as 0.
    let isPlain = [1, 2].contains(directory.value(.photometric, in: bytes) ?? 1)
    let isInterleaved = (directory.value(.planarConfiguration, in: bytes) ?? 1) == 1 || channels == 1
    guard bitDepth < 16 || isPlain && isInterleaved else {
        throw .unsupported("a 16-bit TIFF picture that is neither interleaved RGB nor grey with black as 0")
    }
    return ImageHeader(
        format: .tiff, width: width, height: height, channels: channels, bitDepth: bitDepth,
        orientation: exifOrientation(in: bytes, from: 0, to: bytes.count) ?? 1,
        isComplete: !directory.isCut
            && (hasAll(.stripOffsets, .stripByteCounts, of: directory, in: bytes)
                || hasAll(.tileOffsets, .tileByteCounts, of: directory, in: bytes))
    )
}

/// Whether all strips, or all tiles, lie inside the file. Their number is bounded by the file's length, since
/// the directory holds no tag whose values reach beyond it.
private func hasAll(
    _ offsets: TIFFDirectory.Tag, _ byteCounts: TIFFDirectory.Tag, of directory: TIFFDirectory, in bytes: Span<UInt8>
) -> Bool {
    let count = directory.count(offsets)
    guard count > 0, directory.count(byteCounts) >= count else { return false }
    for index in 0..<count {
        guard let offset = directory.value(offsets, in: bytes, at: index),
            let length = directory.value(byteCounts, in: bytes, at: index), offset + length <= bytes.count
        else { return false }
    }
    return true
}
