import Core
import Testing

@Suite("ImageLimits") struct ImageLimitsTests {
    private func header(width: UInt32, height: UInt32) throws -> ImageHeader {
        var bytes = try PictureFiles.bytes("rgb.png")
        for index in 0..<4 {
            bytes[16 + index] = UInt8(truncatingIfNeeded: width >> (24 - 8 * index))
            bytes[20 + index] = UInt8(truncatingIfNeeded: height >> (24 - 8 * index))
        }
        return try ImageHeader(parsing: bytes)
    }

    @Test("256 MiB, 100 megapixels and 32,768 pixels a side are allowed, and nothing more") func defaults() throws {
        let limits = ImageLimits()
        try limits.check(fileBytes: 256 * 1024 * 1024)
        #expect(throws: ImageLimitError.fileTooLarge(bytes: 268_435_457, limit: 268_435_456)) {
            try limits.check(fileBytes: 268_435_457)
        }
        try limits.check(header(width: 10_000, height: 10_000))
        #expect(throws: ImageLimitError.tooManyPixels(width: 10_000, height: 10_001, limit: 100_000_000)) {
            try limits.check(header(width: 10_000, height: 10_001))
        }
        try limits.check(header(width: 33, height: 32_768))
        #expect(throws: ImageLimitError.sideTooLong(side: 32_769, limit: 32_768)) {
            try limits.check(header(width: 1, height: 32_769))
        }
    }

    @Test("a strip of a line-scan camera passes, one that is more than 1,000 times as long as wide does not")
    func aspect() throws {
        let limits = ImageLimits()
        try limits.check(header(width: 8, height: 8_000))
        try limits.check(header(width: 8_000, height: 8))
        #expect(throws: ImageLimitError.tooElongated(width: 8, height: 8_001, limit: 1000)) {
            try limits.check(header(width: 8, height: 8_001))
        }
        #expect(throws: ImageLimitError.tooElongated(width: 1_001, height: 1, limit: 1000)) {
            try limits.check(header(width: 1_001, height: 1))
        }
        try ImageLimits(maxAspect: 2).check(header(width: 2, height: 1))
        try ImageLimits(maxAspect: 1).check(header(width: 5, height: 5))
        #expect(throws: ImageLimitError.self) { try ImageLimits(maxAspect: 1).check(header(width: 5, height: 6)) }
    }

    @Test("the largest sides that a header can state do not overflow") func hugeSides() throws {
        let huge = try header(width: 0x7FFF_FFFF, height: 0x7FFF_FFFF)
        let limits = ImageLimits(maxPixels: .max, maxSide: .max, maxAspect: .max)
        try limits.check(huge)
        #expect(throws: ImageLimitError.self) { try ImageLimits(maxPixels: 1 << 30, maxSide: .max).check(huge) }
    }

    @Test("remedies name the setting") func remedies() {
        #expect(ImageLimitError.fileTooLarge(bytes: 2, limit: 1).remedy.contains("limits.max_file_bytes"))
        #expect(ImageLimitError.tooManyPixels(width: 2, height: 2, limit: 1).remedy.contains("limits.max_pixels"))
        #expect(ImageLimitError.sideTooLong(side: 2, limit: 1).remedy.contains("limits.max_side"))
        #expect(ImageLimitError.tooElongated(width: 2, height: 1, limit: 1).remedy.contains("limits.max_aspect"))
        #expect(
            ImageLimitError.sideTooLong(side: 2, limit: 1).message
                == "The picture's longer side has 2 pixels; the limit is 1.")
    }
}
