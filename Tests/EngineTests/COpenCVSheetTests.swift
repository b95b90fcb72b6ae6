import COpenCV
import Testing

@Suite("COpenCV: contact sheets") struct COpenCVSheetTests {
    private func picture(_ width: Int, _ height: Int, _ value: UInt8 = 200) throws -> RawPicture {
        try RawPicture(width: width, height: height, red: value, green: value, blue: value)
    }

    private func size(_ pictures: [RawPicture], _ tileSide: Int32) throws -> [Int] {
        let sheet = try RawPicture.contactSheet(pictures, tileSide: tileSide)
        return [sheet.width, sheet.height]
    }

    @Test("up to four pictures stand in one row, with gaps of 1/64 of a tile")
    func oneRow() throws {
        let (landscape, portrait) = (try picture(640, 480), try picture(300, 600))
        #expect(try size([landscape], 320) == [320, 240])
        #expect(try size([landscape, landscape], 320) == [320 + 5 + 320, 240])
        #expect(try size([landscape, portrait], 320) == [320 + 5 + 160, 320])
        #expect(try size([landscape, landscape, portrait, landscape], 320) == [3 * 320 + 160 + 3 * 5, 320])
    }

    @Test("more are spread evenly over the fewest rows of four")
    func rows() throws {
        let square = try picture(100, 100)
        for (count, columns, rows) in [(5, 3, 2), (6, 3, 2), (7, 4, 2), (8, 4, 2), (9, 3, 3), (10, 4, 3), (64, 4, 16)] {
            let sheet = try size(Array(repeating: square, count: count), 64)
            #expect(sheet == [64 * columns + 2 * (columns - 1), 64 * rows + 2 * (rows - 1)], "\(count)")
        }
    }

    @Test("nothing is enlarged, and nothing vanishes")
    func scale() throws {
        #expect(try size([picture(10, 7)], 4096) == [10, 7])
        #expect(try size([picture(5_000, 2)], 16) == [16, 1])
        #expect(try size([picture(1, 5_000)], 16) == [1, 16])
    }

    @Test("a smaller picture stands in the middle of its cell, the rest is dark")
    func cells() throws {
        let sheet = try RawPicture.contactSheet([picture(30, 30, 200), picture(10, 10, 90)], tileSide: 64)
        #expect([sheet.width, sheet.height] == [42, 30])
        for y in 0..<30 {
            for x in 0..<42 {
                let isSmall = x >= 32 && (10..<20).contains(y)
                #expect(sheet.pixel(x, y) == Array(repeating: x < 30 ? 200 : isSmall ? 90 : 24, count: 3))
            }
        }
    }

    @Test("shrinking takes the mean of what falls into a pixel; a picture that fits is copied")
    func mean() throws {
        let picture = try PictureFixtures.picture("rgb.png")
        #expect(try RawPicture.contactSheet([picture], tileSide: 36).rgb == picture.rgb)
        let half = try RawPicture.contactSheet([picture], tileSide: 18)
        #expect([half.width, half.height] == [18, 10])
        for y in 0..<10 {
            for x in 0..<18 {
                let four = [(0, 0), (1, 0), (0, 1), (1, 1)].map { picture.pixel(2 * x + $0.0, 2 * y + $0.1) }
                let mean = (0..<3).map { channel in UInt8((four.map { Int($0[channel]) }.reduce(0, +) + 2) / 4) }
                #expect(largestDifference(half.pixel(x, y), mean) <= 1)
            }
        }
    }

    @Test("1...64 pictures, tiles of 16...4096 pixels, sheets of up to 2^28 pixels")
    func rules() throws {
        let small = try picture(4, 4)
        // Every column as wide, and every row as high, as a tile can be.
        let (wide, high) = (try picture(4096, 16), try picture(16, 4096))
        let alternating = (0..<64).map { ($0 + $0 / 4).isMultiple(of: 2) ? wide : high }
        for (pictures, tileSide) in [
            ([], 64), (Array(repeating: small, count: 65), 64), ([small], 15), ([small], 4097), (alternating, 4096),
        ] as [([RawPicture], Int32)] {
            #expect { try RawPicture.contactSheet(pictures, tileSide: tileSide) } throws: { error in
                (error as? RawPictureError)?.code == .invalidArgument
            }
        }
    }
}
