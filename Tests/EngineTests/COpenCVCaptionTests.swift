import COpenCV
import Testing

@Suite("COpenCV: caption and colour bar") struct COpenCVCaptionTests {
    /// Rows from the lower edge that differ from a picture of one colour.
    private func stripHeight(_ picture: RawPicture, background: UInt8) -> Int {
        let rgb = picture.rgb
        let rows = (0..<picture.height).filter { y in
            rgb[(3 * y * picture.width)..<(3 * (y + 1) * picture.width)].contains { $0 != background }
        }
        guard let first = rows.first else { return 0 }
        return rows == Array(first..<picture.height) ? picture.height - first : -1
    }

    @Test(
        "the strip lies at the lower edge, scales with the picture, and takes at most a twelfth of large ones",
        arguments: [(200, 200), (640, 480), (1200, 900), (600, 1200)])
    func strip(width: Int, height: Int) throws {
        for background in [0, 255] as [UInt8] {
            let picture = try RawPicture(
                width: width, height: height, red: background, green: background, blue: background)
            try picture.drawCaption("Egyptian cat 0.93 gradcam")
            let strip = stripHeight(picture, background: background)
            #expect(strip >= 15 && strip * 12 <= max(height, 12 * 15))
            // Light on dark, whatever is below.
            #expect(picture.rgb.suffix(3 * width * strip).contains { $0 > 200 })
            #expect(picture.rgb.suffix(3 * width * strip).contains { $0 < 40 })
        }
    }

    @Test("text that is too long is cut, and leaves the margin at the right free")
    func longText() throws {
        let picture = try RawPicture(width: 200, height: 200, red: 90, green: 90, blue: 90)
        try picture.drawCaption(String(repeating: "W", count: 100_000))
        let rgb = picture.rgb
        for y in 186..<200 {
            #expect(rgb[(3 * (y * 200 + 197))..<(3 * (y + 1) * 200)].allSatisfy { $0 < 40 })
        }
    }

    @Test("characters beyond ASCII are one question mark each")
    func beyondASCII() throws {
        let foreign = try RawPicture(width: 300, height: 200, red: 0, green: 0, blue: 0)
        let marks = try RawPicture(width: 300, height: 200, red: 0, green: 0, blue: 0)
        try foreign.drawCaption("K\u{E4}se \u{1F408}\n\u{732B}")
        try marks.drawCaption("K?se ???")
        #expect(foreign.rgb == marks.rgb)
    }

    @Test(
        "pictures without room stay as they are",
        arguments: [(1, 1), (1, 500), (500, 1), (5, 5), (60, 60), (20_000, 2), (3, 5_000)])
    func noRoom(width: Int, height: Int) throws {
        let picture = try RawPicture(width: width, height: height, red: 7, green: 7, blue: 7)
        try picture.drawCaption("Egyptian cat 0.93 gradcam")
        try picture.drawColorBar(.jet)
        #expect(picture.rgb.allSatisfy { $0 == 7 })
    }

    @Test("the colour bar stands at the right edge, hot above, cold below")
    func colorBar() throws {
        let picture = try RawPicture(width: 640, height: 480, red: 255, green: 255, blue: 255)
        try picture.drawColorBar(.jet)
        let rgb = picture.rgb
        func pixel(_ x: Int, _ y: Int) -> [UInt8] { Array(rgb[(3 * (y * 640 + x))...].prefix(3)) }
        #expect((0..<480).allSatisfy { y in (0..<500).allSatisfy { x in pixel(x, y) == [255, 255, 255] } })
        let hottest = (0..<480).first { y in
            (500..<640).contains { x in largestDifference(pixel(x, y), [128, 0, 0]) <= 4 }
        }
        let coldest = (0..<480).last { y in
            (500..<640).contains { x in largestDifference(pixel(x, y), [0, 0, 128]) <= 4 }
        }
        #expect(try #require(hottest) < 240)
        #expect(try #require(coldest) > 240)
    }
}
