/// The first directory of a TIFF file, or of the EXIF block of another (TIFF 6.0, section 2).
struct TIFFDirectory {
    /// Where the values of one tag stand.
    struct Field {
        /// Bytes of each value.
        var width: Int
        var count: Int
        var offset: Int
    }

    enum Tag: Int {
        case width = 256, height = 257, bitsPerSample = 258, photometric = 262, orientation = 274
        case stripOffsets = 273, samplesPerPixel = 277, stripByteCounts = 279, planarConfiguration = 284
        case tileOffsets = 324, tileByteCounts = 325, sampleFormat = 339
    }

    let order: ByteOrder
    /// Where offsets count from, and where the block ends.
    let start: Int
    let end: Int
    /// Some tag has values beyond the end.
    private(set) var isCut = false
    private var fields: [Tag: Field] = [:]

    /// - Returns: `nil` where no whole directory lies between `start` and `end`.
    init?(in bytes: Span<UInt8>, from start: Int, to end: Int) {
        let end = min(end, bytes.count)
        guard start >= 0, end - start >= 8 else { return nil }
        if bytes.holds([0x49, 0x49, 0x2A, 0x00], at: start) {
            order = .little
        } else if bytes.holds([0x4D, 0x4D, 0x00, 0x2A], at: start) {
            order = .big
        } else {
            return nil
        }
        self.start = start
        self.end = end
        guard let offset = bytes.uint32(at: start + 4, order), start + offset + 2 <= end,
            let count = bytes.uint16(at: start + offset, order)
        else { return nil }
        let entries = start + offset + 2
        guard entries + 12 * count <= end else { return nil }
        for entry in stride(from: entries, to: entries + 12 * count, by: 12) {
            guard let number = bytes.uint16(at: entry, order) else { return nil }
            guard let field = field(in: bytes, at: entry) else {
                isCut = true
                continue
            }
            // The first of several counts, as in libtiff.
            if let tag = Tag(rawValue: number), fields[tag] == nil { fields[tag] = field }
        }
    }

    /// One value of a tag; `nil` where the tag or the value is missing.
    func value(_ tag: Tag, in bytes: Span<UInt8>, at index: Int = 0) -> Int? {
        guard let field = fields[tag], index >= 0, index < field.count else { return nil }
        let offset = field.offset + index * field.width
        switch field.width {
        case 1: return bytes.byte(at: offset)
        case 2: return bytes.uint16(at: offset, order)
        case 4: return bytes.uint32(at: offset, order)
        default: return nil
        }
    }

    func count(_ tag: Tag) -> Int { fields[tag]?.count ?? 0 }

    /// - Returns: `nil` where the values reach beyond the end.
    private func field(in bytes: Span<UInt8>, at entry: Int) -> Field? {
        guard let type = bytes.uint16(at: entry + 2, order), let count = bytes.uint32(at: entry + 4, order) else {
            return nil
        }
        // BYTE ... DOUBLE; readers must skip types that they do not know.
        let widths = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8]
        let width = type < widths.count ? widths[type] : 0
        // Up to four bytes stand in the entry itself. No overflow: count is below 2^32.
        if width * count <= 4 { return Field(width: width, count: count, offset: entry + 8) }
        guard let offset = bytes.uint32(at: entry + 8, order), start + offset + width * count <= end else { return nil }
        return Field(width: width, count: count, offset: start + offset)
    }
}

/// The orientation that an EXIF block states (CIPA DC-008, tag 274), 1...8; `nil` where it states none.
func exifOrientation(in bytes: Span<UInt8>, from start: Int, to end: Int) -> Int? {
    guard let directory = TIFFDirectory(in: bytes, from: start, to: end),
        let orientation = directory.value(.orientation, in: bytes), (1...8).contains(orientation)
    else { return nil }
    return orientation
}
