import COpenCV
import Foundation
import Testing

@Suite("COpenCV: boxes") struct COpenCVBoxTests {
    private let orange: [UInt8] = [230, 159, 0]
    private let blue: [UInt8] = [0, 114, 178]
    private let grey: [UInt8] = [128, 128, 128]
    private let black: [UInt8] = [0, 0, 0]
    private let white: [UInt8] = [255, 255, 255]

    private func ground(_ width: Int, _ height: Int, _ color: [UInt8] = [128, 128, 128]) throws -> RawPicture {
        try RawPicture(width: width, height: height, red: color[0], green: color[1], blue: color[2])
    }

    /// The picture that a box makes whose line is 2 pixels wide, with 1 pixel of outline.
    private func framed(_ x: Int, _ y: Int, _ columns: Range<Int>, _ rows: Range<Int>) -> [UInt8] {
        func isWithin(_ by: Int) -> Bool {
            (columns.lowerBound + by..<columns.upperBound - by).contains(x)
                && (rows.lowerBound + by..<rows.upperBound - by).contains(y)
        }
        return !isWithin(-1) || isWithin(3) ? grey : !isWithin(0) || isWithin(2) ? black : orange
    }

    private func expectFrame(
        _ picture: RawPicture, _ columns: Range<Int>, _ rows: Range<Int>, _ comment: Comment? = nil
    ) {
        let wrong = (0..<picture.height).flatMap { y in (0..<picture.width).map { (x: $0, y: y) } }.first {
            picture.pixel($0.x, $0.y) != framed($0.x, $0.y, columns, rows)
        }
        #expect(wrong == nil, comment)
    }

    // MARK: Lines

    @Test("the line lies along the inner side of the box, outlined; the rest of the picture is untouched")
    func line() throws {
        let picture = try ground(100, 100)
        try picture.drawBoxes([RawBox((20, 30, 60, 70))])
        expectFrame(picture, 20..<60, 30..<70)
        for x in [20, 21, 58, 59] { #expect(picture.pixel(x, 50) == orange) }
        for x in [19, 22, 57, 60] { #expect(picture.pixel(x, 50) == black) }
        for x in [18, 23, 56, 61] { #expect(picture.pixel(x, 50) == grey) }
    }

    @Test("a pixel belongs to the box by its centre")
    func fractions() throws {
        let picture = try ground(100, 100)
        try picture.drawBoxes([RawBox((20.4, 29.6, 60.5, 70.6))])
        // The centres 20.5 ... 59.5, since 60.5 is the edge itself; the rows 30.5 ... 69.5, and 70.5.
        expectFrame(picture, 20..<60, 30..<71)
    }

    @Test("a box is clipped, and its line follows the picture's edge", arguments: [-0.4, -50, -1e300])
    func clipped(start: Double) throws {
        let picture = try ground(100, 100)
        try picture.drawBoxes([RawBox((start, start, 50, 60))])
        expectFrame(picture, 0..<50, 0..<60)
        let whole = try ground(100, 100)
        try whole.drawBoxes([RawBox((start, start, 100 - start, 100 - start))])
        expectFrame(whole, 0..<100, 0..<100)
    }

    @Test("boxes outside, empty ones and none leave the picture as it is, with their labels")
    func outside() throws {
        let picture = try ground(100, 100)
        try picture.drawBoxes([])
        try picture.drawBoxes(
            [
                (-30, 10, 0, 50), (100, 10, 140, 50), (10, -1e308, 50, -7), (10, 100, 50, 1e308),
                (40, 10, 40, 50), (50, 10, 40, 50), (10, 50, 50, 10),
            ].map { RawBox($0, "cup") })
        #expect(picture.rgb.allSatisfy { $0 == 128 })
    }

    @Test("a box thinner than a pixel is the pixel that it lies in")
    func thin() throws {
        let picture = try ground(30, 30)
        try picture.drawBoxes([RawBox((10.6, 20.1, 10.9, 20.2))])
        for y in 0..<30 {
            for x in 0..<30 {
                let isNear = abs(x - 10) <= 1 && abs(y - 20) <= 1
                #expect(picture.pixel(x, y) == ((x, y) == (10, 20) ? orange : isNear ? black : grey))
            }
        }
    }

    @Test(
        "the line is 1/200 of the shorter side, 2...16 pixels, and narrower for small boxes",
        arguments: [
            (120, 120, 100, 2), (700, 600, 500, 3), (260, 3400, 240, 2), (700, 600, 17, 2), (700, 600, 9, 1),
        ])
    func lineWidth(width: Int, height: Int, side: Int, expected: Int) throws {
        let picture = try ground(width, height)
        try picture.drawBoxes([RawBox((10, 10, Double(10 + side), Double(10 + side)))])
        let colored = (0..<10 + side / 2).filter { picture.pixel($0, 10 + side / 2) == orange }
        #expect(colored == Array(10..<10 + expected))
    }

    @Test("of boxes that cross, the first lies on top")
    func order() throws {
        let picture = try ground(100, 100)
        try picture.drawBoxes([RawBox((20, 30, 60, 70)), RawBox((20, 30, 60, 70)).colored(blue)])
        expectFrame(picture, 20..<60, 30..<70)
    }

    @Test("the line stands out from its outline, so that it is seen on every ground")
    func contrast() throws {
        var dice = COpenCVMutationTests.Dice(state: 5)
        let random = (0..<40).map { _ in (0..<3).map { _ in UInt8.random(in: 0...255, using: &dice) } }
        for color in [orange, blue, grey, black, white, [118, 118, 118], [255, 0, 0], [0, 255, 0]] + random {
            for ground in [black, white, grey, color] {
                let picture = try self.ground(64, 64, ground)
                try picture.drawBoxes([RawBox((10, 10, 50, 50)).colored(color)])
                #expect(picture.pixel(10, 30) == color)
                let (outer, inner) = (picture.pixel(9, 30), picture.pixel(12, 30))
                #expect(outer == inner && (outer == black || outer == white))
                #expect(contrastRatio(color, outer) >= 4.5, "\(color)")
            }
        }
    }

    // MARK: Labels

    @Test("the label stands on the box, as a plate in the box's colour with an outline")
    func labelAbove() throws {
        let picture = try ground(200, 200)
        try picture.drawBoxes([RawBox((50, 80, 150, 150), "cup 91 %")])
        // 15 pixels high, above the outline at row 79: rows 64 ... 78, with a margin of 3 at the left.
        for y in 64...78 {
            #expect((50...52).allSatisfy { picture.pixel($0, y) == orange })
            #expect(picture.pixel(49, y) == black && picture.pixel(48, y) == grey)
        }
        #expect((49...60).allSatisfy { picture.pixel($0, 63) == black && picture.pixel($0, 62) == grey })
        #expect((50...60).allSatisfy { picture.pixel($0, 79) == black && picture.pixel($0, 80) == orange })
        let darkest = (64...78).flatMap { y in (53..<100).map { picture.pixel($0, y)[0] } }.min()
        #expect(try #require(darkest) < 60)
    }

    @Test("text is black on light colours and white on dark ones")
    func textColor() throws {
        for (color, text) in [(orange, black), ([240, 228, 66], black), (blue, white), ([51, 34, 136], white)] {
            let picture = try ground(400, 600)
            try picture.drawBoxes([RawBox((50, 80, 350, 350), "HHHHH").colored(color)])
            let plate = (65...77).flatMap { y in (54..<90).map { picture.pixel($0, y) } }
            #expect(try #require(plate.map { largestDifference($0, text) }.min()) < 40)
            #expect(contrastRatio(color, text) >= 4.5)
        }
    }

    @Test("without room above, the label lies inside a high box and below a low one")
    func labelElsewhere() throws {
        let picture = try ground(200, 200)
        try picture.drawBoxes([RawBox((20, 5, 80, 100), "cup"), RawBox((120, 2, 180, 20), "cup")])
        // Column 22 would be the inner outline, column 122 too.
        #expect((5..<20).allSatisfy { picture.pixel(22, $0) == orange })
        #expect(picture.pixel(22, 20) == black && picture.pixel(22, 21) == black && picture.pixel(23, 21) == grey)
        #expect((21..<36).allSatisfy { picture.pixel(122, $0) == orange })
        #expect(picture.pixel(122, 36) == black && picture.pixel(122, 37) == grey)
    }

    @Test("a label at the right edge is moved left, and a long one is cut at the picture's width")
    func labelAtEdge() throws {
        for label in ["espresso 84 %", String(repeating: "W", count: 100_000)] {
            let picture = try ground(200, 200)
            try picture.drawBoxes([RawBox((185, 80, 199, 150), label)])
            #expect((64...78).allSatisfy { y in (197..<200).allSatisfy { picture.pixel($0, y) == orange } })
            #expect(picture.pixel(150, 64) == orange)
        }
    }

    @Test("two labels of one box do not hide each other")
    func twoLabels() throws {
        let picture = try ground(200, 200)
        try picture.drawBoxes([RawBox((50, 80, 150, 150), "cup"), RawBox((50, 80, 150, 150), "bowl").colored(blue)])
        #expect((64...78).allSatisfy { picture.pixel(52, $0) == orange })
        #expect((80..<95).allSatisfy { picture.pixel(52, $0) == blue })
    }

    @Test("no line crosses a label")
    func noCrossing() throws {
        let picture = try ground(200, 200)
        try picture.drawBoxes([RawBox((30, 10, 60, 190)).colored(blue), RawBox((20, 60, 120, 160), "WWWW")])
        for y in 44...58 {
            #expect((20..<50).allSatisfy { picture.pixel($0, y) != blue })
            #expect((20...22).allSatisfy { picture.pixel($0, y) == orange })
        }
    }

    @Test("characters beyond ASCII are one question mark each")
    func beyondASCII() throws {
        let (foreign, marks) = (try ground(300, 200), try ground(300, 200))
        try foreign.drawBoxes([RawBox((30, 60, 120, 160), "K\u{E4}se \u{1F408}\n\u{732B}")])
        try marks.drawBoxes([RawBox((30, 60, 120, 160), "K?se ???")])
        #expect(foreign.rgb == marks.rgb)
    }

    @Test(
        "pictures without room for text get boxes without labels",
        arguments: [(1, 1), (1, 500), (500, 1), (5, 5), (63, 300), (300, 63), (20_000, 2), (3, 5_000)])
    func noRoom(width: Int, height: Int) throws {
        let (named, unnamed) = (try ground(width, height), try ground(width, height))
        let sides = (-3.0, 0.0, Double(width) / 2 + 1, Double(height) + 9)
        try named.drawBoxes([RawBox(sides, "cup 91 %")])
        try unnamed.drawBoxes([RawBox(sides)])
        #expect(named.rgb == unnamed.rgb)
        #expect(named.rgb.contains { $0 != 128 })
    }

    // MARK: Rules

    @Test("sides must be finite, and boxes few; else nothing is drawn")
    func rules() throws {
        let picture = try ground(100, 100)
        let good = RawBox((20, 30, 60, 70))
        for bad in [Double.nan, .infinity, -.infinity] {
            for box in [
                RawBox((bad, 0, 9, 9)), RawBox((0, bad, 9, 9)), RawBox((0, 0, bad, 9)), RawBox((0, 0, 9, bad)),
            ] {
                #expect { try picture.drawBoxes([good, box]) } throws: { isInvalid($0) }
            }
        }
        #expect { try picture.drawBoxes(Array(repeating: good, count: 10_001)) } throws: { isInvalid($0) }
        #expect(picture.rgb.allSatisfy { $0 == 128 })
    }

    @Test("whatever the coordinates and labels are, boxes are drawn")
    func random() throws {
        var dice = COpenCVMutationTests.Dice(state: 3)
        let labels = ["", "a", "K\u{E4}se \u{1F408}", "Egyptian cat 93 %", String(repeating: "W", count: 2_000)]
        let special = [
            1e308, -1e308, Double.leastNonzeroMagnitude, 0.5, -0.5, 2_147_483_648, -2_147_483_649, 9e18, 63.5,
        ]
        let pictures = try [(1, 1), (1, 90), (90, 1), (3, 7), (64, 64), (65, 311), (320, 240)].map {
            try ground($0.0, $0.1)
        }
        for round in 0..<700 {
            let picture = pictures[round % pictures.count]
            func side() -> Double {
                if Bool.random(using: &dice) { return Double.random(in: -100...400, using: &dice) }
                return special[Int.random(in: special.indices, using: &dice)]
            }
            try picture.drawBoxes(
                (0..<Int.random(in: 0...12, using: &dice)).map { _ in
                    RawBox((side(), side(), side(), side()), labels[Int.random(in: labels.indices, using: &dice)])
                })
        }
        #expect(pictures.allSatisfy { $0.rgb.contains { $0 != 128 } })
    }
}

private func isInvalid(_ error: any Error) -> Bool { (error as? RawPictureError)?.code == .invalidArgument }

/// WCAG 2.1, "contrast ratio": 1...21.
private func contrastRatio(_ first: [UInt8], _ second: [UInt8]) -> Double {
    func luminance(_ color: [UInt8]) -> Double {
        let linear = color.map { value -> Double in
            let share = Double(value) / 255
            return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }
    let (one, other) = (luminance(first), luminance(second))
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)
}
