import COpenCV
import Testing

@Suite("COpenCV: overlays") struct COpenCVOverlayTests {
    /// The normalised map of a network with one convolution, 4 x 4.
    let heat: [Float] = [0, 0.05, 0.15, 0.2, 0.2, 0.25, 0.35, 0.4, 0.6, 0.65, 0.75, 0.8, 0.8, 0.85, 0.95, 1]

    @Test("parity is the notebook's: what numpy and OpenCV's Python package write")
    func parity() throws {
        let overlay = try PictureFixtures.picture("rgb.png").overlaid(
            with: heat, width: 4, height: 4, style: .parity, opacity: 0.4)
        let expected = try PictureFixtures.bytes("overlays/parity.rgb")
        // A heat at the edge of two colours may fall to either: 4 steps of the table, times 0.4.
        #expect(largestDifference(overlay.rgb, expected) <= 2)
        let different = zip(overlay.rgb, expected).count { $0 != $1 }
        #expect(different * 50 < expected.count)
    }

    @Test("blend is alpha blending by opacity times heat, as numpy computes it")
    func blend() throws {
        let overlay = try PictureFixtures.picture("rgb.png").overlaid(
            with: heat, width: 4, height: 4, style: .blend, opacity: 0.6)
        #expect(largestDifference(overlay.rgb, try PictureFixtures.bytes("overlays/blend.rgb")) <= 1)
    }

    @Test("parity saturates at 255")
    func saturation() throws {
        let white = try RawPicture(width: 3, height: 3, red: 255, green: 200, blue: 10)
        // Full heat is (128, 0, 0): red is cut, green and blue get nothing.
        let overlay = try white.overlaid(with: [1], width: 1, height: 1, style: .parity, opacity: 0.5)
        #expect(Array(overlay.rgb.prefix(3)) == [255, 200, 10])
        let dark = try RawPicture(width: 3, height: 3, red: 10, green: 0, blue: 0)
        #expect(
            Array(try dark.overlaid(with: [1], width: 1, height: 1, style: .parity, opacity: 0.5).rgb.prefix(3))
                == [74, 0, 0])
    }

    @Test(
        "parity rounds halves to the even neighbour", arguments: [(0, 128), (1, 128), (2, 130), (127, 254), (128, 255)])
    func halves(green: UInt8, expected: UInt8) throws {
        // Colour 127 has the green 255: 127.5 are added.
        let overlay = try RawPicture(width: 65, height: 1, red: 0, green: green, blue: 0).overlaid(
            with: [0.5], width: 1, height: 1, style: .parity, opacity: 0.5)
        #expect(overlay.rgb == [UInt8](repeatElement([63, expected, 65], count: 65).joined()))
    }

    @Test("blending leaves cold pixels alone, and hot ones at full opacity are the colour itself")
    func coldAndHot() throws {
        let picture = try PictureFixtures.picture("rgb.png")
        #expect(try picture.overlaid(with: [0], width: 1, height: 1, style: .blend, opacity: 1).rgb == picture.rgb)
        #expect(try picture.overlaid(with: [.nan], width: 1, height: 1, style: .blend, opacity: 1).rgb == picture.rgb)
        let hot = try picture.overlaid(with: [1], width: 1, height: 1, style: .blend, opacity: 1)
        #expect(hot.rgb == [UInt8](repeatElement([128, 0, 0], count: 36 * 20).joined()))
    }

    @Test("outside the rectangle the picture stays as it was; a pixel counts by its centre")
    func rectangle() throws {
        let picture = try RawPicture(width: 10, height: 4, red: 1, green: 2, blue: 3)
        let overlay = try picture.overlaid(
            with: [1], width: 1, height: 1, left: 2.4, top: -3, right: 7.6, bottom: 2.5, style: .blend, opacity: 1)
        for y in 0..<4 {
            for x in 0..<10 {
                let pixel = Array(overlay.rgb[(3 * (y * 10 + x))...].prefix(3))
                // Centres 2.5 ... 7.5 lie in 2.4 ..< 7.6; of rows 0.5 and 1.5, while 2.5 is the edge itself.
                let isInside = (2...7).contains(x) && y <= 1
                #expect(pixel == (isInside ? [128, 0, 0] : [1, 2, 3]), "\(x), \(y)")
            }
        }
    }

    @Test("a rectangle beside the picture colours nothing")
    func beside() throws {
        let picture = try RawPicture(width: 4, height: 4, red: 1, green: 2, blue: 3)
        let overlay = try picture.overlaid(
            with: [1], width: 1, height: 1, left: 50, top: 50, right: 60, bottom: 60, style: .blend, opacity: 1)
        #expect(overlay.rgb == picture.rgb)
    }

    @Test("the same result with one thread and with several")
    func threads() throws {
        defer { copencv_set_threads(1) }
        let picture = try PictureFixtures.picture("rgb.png")
        copencv_set_threads(1)
        let alone = try picture.overlaid(with: heat, width: 4, height: 4, style: .blend, opacity: 0.6)
        copencv_set_threads(4)
        let together = try picture.overlaid(with: heat, width: 4, height: 4, style: .blend, opacity: 0.6)
        #expect(alone.rgb == together.rgb)
    }

    @Test("maps and rectangles without inside break the header's rules")
    func rules() throws {
        let picture = try RawPicture(width: 4, height: 4, red: 1, green: 2, blue: 3)
        let isInvalid = { (error: any Error) in (error as? RawPictureError)?.code == .invalidArgument }
        #expect(throws: RawPictureError.self) {
            try picture.overlaid(with: [1], width: 0, height: 1, style: .blend, opacity: 1)
        }
        #expect {
            try picture.overlaid(with: [1], width: 1, height: 1, left: 3, right: 3, style: .blend, opacity: 1)
        } throws: { isInvalid($0) }
        #expect {
            try picture.overlaid(with: [1], width: 1, height: 1, left: .nan, style: .blend, opacity: 1)
        } throws: { isInvalid($0) }
        #expect { try picture.overlaid(with: [1], width: 1, height: 1, style: .blend, opacity: 1.5) } throws: {
            isInvalid($0)
        }
    }
}

@Suite("COpenCV: colour maps") struct COpenCVColorMapTests {
    /// Colours 0...255 as RGB.
    private func table(_ colorMap: COpenCVColorMap) throws -> [[UInt8]] {
        let black = try RawPicture(width: 256, height: 1, red: 0, green: 0, blue: 0)
        let heat = (0..<256).map { (Float($0) + 0.5) / 255 }
        let rgb = try black.overlaid(
            with: heat, width: 256, height: 1, style: .parity, colorMap: colorMap, opacity: 1
        ).rgb
        return (0..<256).map { Array(rgb[(3 * $0)..<(3 * $0 + 3)]) }
    }

    @Test("jet is OpenCV's, in closed form")
    func jet() throws {
        for (index, color) in try table(.jet).enumerated() {
            #expect(color.map(Int.init) == jetColor(index), "\(index)")
        }
    }

    @Test("viridis and inferno begin and end as matplotlib's, turbo as Google's")
    func ends() throws {
        for (colorMap, first, last) in [
            (COpenCVColorMap.viridis, [68, 1, 84], [253, 231, 37]),
            (.inferno, [0, 0, 4], [252, 255, 164]),
            (.turbo, [48, 18, 59], [122, 4, 3]),
        ] as [(COpenCVColorMap, [UInt8], [UInt8])] {
            let colors = try table(colorMap)
            #expect(largestDifference(colors[0], first) <= 1)
            #expect(largestDifference(colors[255], last) <= 1)
        }
    }
}
