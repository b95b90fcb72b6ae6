import Core
import Testing

@Suite("Placement") struct PlacementTests {
    @Test(
        "letterbox: scaled size and offsets are Ultralytics' LetterBox(auto=False)",
        arguments: [
            // picture, input -> scaled, left, top; by its formula in Python:
            // r = min(ih/h, iw/w); round(w*r), round(h*r); round((iw-uw)/2 - 0.1), round((ih-uh)/2 - 0.1)
            [1280, 720, 640, 640, 640, 360, 0, 140], [451, 300, 640, 640, 640, 426, 0, 107],
            [33, 500, 640, 640, 42, 640, 299, 0], [810, 1080, 640, 640, 480, 640, 80, 0],
            [500, 333, 640, 384, 577, 384, 31, 0], [639, 641, 640, 640, 638, 640, 1, 0],
        ])
    func letterbox(numbers: [Int]) {
        let placement = Placement(
            picture: (numbers[0], numbers[1]), input: (numbers[2], numbers[3]), mode: .letterbox)
        #expect(
            [placement.scaledWidth, placement.scaledHeight, placement.left, placement.top] == Array(numbers[4...]))
    }

    @Test(
        "centre crop: as torchvision's Resize(256) and CenterCrop(224)",
        arguments: [
            // The longer side is int(256 * long / short), offsets are Python's round((side - 224) / 2).
            [451, 300, 384, 256, -80, -16], [300, 451, 256, 384, -16, -80], [500, 333, 384, 256, -80, -16],
            [302, 300, 257, 256, -16, -16], [304, 300, 259, 256, -18, -16], [64, 64, 256, 256, -16, -16],
        ])
    func centerCrop(numbers: [Int]) {
        let placement = Placement(
            picture: (numbers[0], numbers[1]), input: (224, 224), mode: .shorterSideAndCenterCrop,
            cropFraction: 0.875)
        #expect(
            [placement.scaledWidth, placement.scaledHeight, placement.left, placement.top] == Array(numbers[2...]))
        #expect(placement.pictureInInput == CellBox(left: 0, top: 0, right: 224, bottom: 224))
    }

    @Test("centre crop into an input that is not square covers it") func wideInput() {
        let placement = Placement(
            picture: (1000, 1000), input: (320, 160), mode: .shorterSideAndCenterCrop, cropFraction: 1)
        #expect([placement.scaledWidth, placement.scaledHeight] == [320, 320])
        #expect([placement.left, placement.top] == [0, -80])
        #expect(placement.seenInPicture == Box(left: 0, top: 250, right: 1000, bottom: 750))
    }

    @Test("stretch shows all of the picture, in all of the input") func stretch() {
        let placement = Placement(picture: (1000, 500), input: (224, 224), mode: .stretch)
        #expect(placement.pictureInInput == CellBox(left: 0, top: 0, right: 224, bottom: 224))
        #expect(placement.seenInPicture == Box(left: 0, top: 0, right: 1000, bottom: 500))
        #expect(placement.pointInPicture(x: 112, y: 56) == (500, 125))
    }

    @Test("what a centre crop shows: 224 of 256 rows, the middle of the longer side") func seenByCenterCrop() {
        let placement = Placement(
            picture: (1536, 1024), input: (224, 224), mode: .shorterSideAndCenterCrop, cropFraction: 0.875)
        // 1024 rows to 256: four pixels to one. 384 columns, 80 of them cut at either side.
        #expect(placement.seenInPicture == Box(left: 320, top: 64, right: 1216, bottom: 960))
        #expect(placement.pointInPicture(x: 112, y: 112) == (768, 512))
    }

    @Test("letterbox: the picture without its padding, and the way back") func seenByLetterbox() {
        let placement = Placement(picture: (1280, 720), input: (640, 640), mode: .letterbox)
        #expect(placement.pictureInInput == CellBox(left: 0, top: 140, right: 640, bottom: 500))
        #expect(placement.seenInPicture == Box(left: 0, top: 0, right: 1280, bottom: 720))
        #expect(placement.pointInPicture(x: 10.5, y: 140.5) == (21, 1))
        #expect(placement.pointInPicture(x: 10, y: 130).y == -20)
    }

    @Test("extreme proportions keep at least one pixel", arguments: [(1, 100_000), (100_000, 1), (1, 1)])
    func extremes(width: Int, height: Int) {
        for mode in ResizeMode.allCases {
            let placement = Placement(
                picture: (width, height), input: (224, 160), mode: mode, cropFraction: 0.875)
            let seen = placement.pictureInInput
            #expect(seen.width >= 1 && seen.height >= 1)
            #expect(seen.left >= 0 && seen.top >= 0 && seen.right <= 224 && seen.bottom <= 160)
            let box = placement.seenInPicture
            #expect(box.left >= 0 && box.top >= 0 && box.right <= Double(width) && box.bottom <= Double(height))
        }
    }

    @Test("a map without its padding has the size of the picture in the input") func withoutPadding() {
        let placement = Placement(picture: (4, 2), input: (4, 4), mode: .letterbox)
        let map = HeatMap(width: 4, height: 4, values: (0..<16).map(Float.init))
        let shown = ShownHeat(raw: map, placement: placement)
        #expect(shown.map == HeatMap(width: 4, height: 2, values: (4..<12).map { Float($0) / 11 }))
    }

    @Test(
        "the smallest letterbox: Ultralytics' LetterBox(auto=True) at 640 and stride 32",
        arguments: [
            // picture -> input, scaled, left, top. By hand: r = min(640/w, 640/h), round(w*r), (640 - that) % 32.
            // Landscape: 1280 x 720 -> 640 x 360, 280 % 32 = 24 rows of padding.
            [1280, 720, 640, 384, 640, 360, 0, 12],
            // Portrait: 810 x 1080 -> 480 x 640, 160 % 32 = 0.
            [810, 1080, 480, 640, 480, 640, 0, 0],
            // 6000 x 4000 -> 640 x 426.67: 427, 213 % 32 = 21 = 10 + 11.
            [6000, 4000, 640, 448, 640, 427, 0, 10],
            // 1 x 6000 -> 0.1 x 640, at least one column, 639 % 32 = 31 = 15 + 16.
            [1, 6000, 32, 640, 1, 640, 15, 0],
            // Odd: 451 x 300 -> 640 x 425.7: 426, 214 % 32 = 22. 33 x 500 -> 42.24: 42, 598 % 32 = 22.
            [451, 300, 640, 448, 640, 426, 0, 11], [33, 500, 64, 640, 42, 640, 11, 0],
            // Small ones grow: 100 x 101 -> 633.66: 634, 6 columns.
            [100, 101, 640, 640, 634, 640, 3, 0],
        ])
    func smallestLetterbox(numbers: [Int]) {
        let placement = Placement.letterbox(
            picture: (numbers[0], numbers[1]), longestInput: (640, 640), stride: 32)
        #expect(placement.pictureWidth == numbers[0] && placement.pictureHeight == numbers[1])
        #expect(
            [
                placement.inputWidth, placement.inputHeight, placement.scaledWidth, placement.scaledHeight,
                placement.left, placement.top,
            ] == Array(numbers[2...]))
        #expect(placement.pictureInInput.width == placement.scaledWidth)
        #expect(placement.pictureInInput.height == placement.scaledHeight)
    }

    @Test("the smallest letterbox has whole strides, also where the longest input has not") func wholeStrides() {
        // 650 x 330 becomes 672 x 352: 1000 x 1000 -> 352 x 352.
        let square = Placement.letterbox(picture: (1000, 1000), longestInput: (650, 330), stride: 32)
        #expect(square.inputWidth == 352 && square.inputHeight == 352)
        for width in [1, 17, 640, 641, 1999] {
            let placement = Placement.letterbox(picture: (width, 1000), longestInput: (600, 600), stride: 64)
            #expect(placement.inputWidth % 64 == 0 && placement.inputHeight % 64 == 0)
            #expect(max(placement.inputWidth, placement.inputHeight) == 640)
            #expect(placement.inputWidth - placement.scaledWidth < 64)
            #expect(placement.inputHeight - placement.scaledHeight < 64)
        }
    }

    @Test("a box in the input becomes one in the picture, cut to it") func boxInPicture() {
        let placement = Placement.letterbox(picture: (1280, 720), longestInput: (640, 640), stride: 32)
        // Two pixels to one, below 12 rows of padding.
        #expect(
            placement.boxInPicture(Box(left: 10, top: 22, right: 20.5, bottom: 42))
                == Box(left: 20, top: 20, right: 41, bottom: 60))
        #expect(
            placement.boxInPicture(Box(left: -5, top: 2, right: 700, bottom: 384))
                == Box(left: 0, top: 0, right: 1280, bottom: 720))
        #expect(placement.boxInPicture(Box(left: 10, top: 0, right: 20, bottom: 11)).area == 0)
    }

    @Test("a crop's box lies where the crop was taken") func boxInCroppedPicture() {
        let placement = Placement(
            picture: (1536, 1024), input: (224, 224), mode: .shorterSideAndCenterCrop, cropFraction: 0.875)
        // Four pixels to one; 80 columns and 16 rows are cut.
        #expect(
            placement.boxInPicture(Box(left: 0, top: 0, right: 1, bottom: 2))
                == Box(left: 320, top: 64, right: 324, bottom: 72))
    }

    /// Width and height of a picture, whether its input is dynamic; scaled size, offset and size of the input; a box in
    /// the input, and back in the picture. Of an export at 640, stride 32, by ultralytics 8.4.190.
    private static let letterboxes: [(Int, Int, Bool, [Int], [Double], [Double])] =
        [
            (640, 480, false, [640, 480, 0, 80, 640, 640], [160, 200, 480, 512], [160, 120, 480, 432]),
            (640, 480, true, [640, 480, 0, 0, 640, 480], [160, 120, 480, 432], [160, 120, 480, 432]),
            (480, 640, false, [480, 640, 80, 0, 640, 640], [200, 160, 440, 576], [120, 160, 360, 576]),
            (480, 640, true, [480, 640, 0, 0, 480, 640], [120, 160, 360, 576], [120, 160, 360, 576]),
            (1920, 1080, false, [640, 360, 0, 140, 640, 640], [160, 230, 480, 464], [480, 270, 1440, 972]),
            (1920, 1080, true, [640, 360, 0, 12, 640, 384], [160, 102, 480, 336], [480, 270, 1440, 972]),
            (1080, 1920, false, [360, 640, 140, 0, 640, 640], [230, 160, 410, 576], [270, 480, 810, 1728]),
            (1080, 1920, true, [360, 640, 12, 0, 384, 640], [102, 160, 282, 576], [270, 480, 810, 1728]),
            (1, 6000, false, [1, 640, 319, 0, 640, 640], [319.25, 160, 319.75, 576], [0.25, 1500, 0.75, 5400]),
            (1, 6000, true, [1, 640, 15, 0, 32, 640], [15.25, 160, 15.75, 576], [0.25, 1500, 0.75, 5400]),
            (
                6000, 4000, false, [640, 427, 0, 106, 640, 640], [160, 212.75, 480, 490.25],
                [1500, 1000, 4500, 3599.53]
            ),
            (6000, 4000, true, [640, 427, 0, 10, 640, 448], [160, 116.75, 480, 394.25], [1500, 1000, 4500, 3599.53]),
            (
                641, 427, false, [640, 426, 0, 107, 640, 640], [160, 213.5, 480, 490.375],
                [160.25, 106.75, 480.75, 384.275]
            ),
            (
                641, 427, true, [640, 426, 0, 11, 640, 448], [160, 117.5, 480, 394.375],
                [160.25, 106.75, 480.75, 384.275]
            ),
            (333, 500, false, [426, 640, 107, 0, 640, 640], [213.5, 160, 426.5, 576], [83.25, 125, 249.75, 450]),
            (333, 500, true, [426, 640, 11, 0, 448, 640], [117.5, 160, 330.5, 576], [83.25, 125, 249.75, 450]),
            (1023, 767, false, [640, 480, 0, 80, 640, 640], [160, 200, 480, 512], [255.75, 191.75, 767.25, 690.3]),
            (1023, 767, true, [640, 480, 0, 0, 640, 480], [160, 120, 480, 432], [255.75, 191.75, 767.25, 690.3]),
            (320, 240, false, [640, 480, 0, 80, 640, 640], [160, 200, 480, 512], [80, 60, 240, 216]),
            (320, 240, true, [640, 480, 0, 0, 640, 480], [160, 120, 480, 432], [80, 60, 240, 216]),
            (640, 640, false, [640, 640, 0, 0, 640, 640], [160, 160, 480, 576], [160, 160, 480, 576]),
            (640, 640, true, [640, 640, 0, 0, 640, 640], [160, 160, 480, 576], [160, 160, 480, 576]),
            (37, 1001, false, [24, 640, 308, 0, 640, 640], [314, 160, 326, 576], [9.25, 250.25, 27.75, 900.9]),
            (37, 1001, true, [24, 640, 4, 0, 32, 640], [10, 160, 22, 576], [9.25, 250.25, 27.75, 900.9]),
            (810, 1080, false, [480, 640, 80, 0, 640, 640], [200, 160, 440, 576], [202.5, 270, 607.5, 972]),
            (810, 1080, true, [480, 640, 0, 0, 480, 640], [120, 160, 360, 576], [202.5, 270, 607.5, 972]),
        ]

    @Test(
        "pictures are letterboxed as Ultralytics' predict does it, and boxes come back as they do there",
        arguments: letterboxes.indices)
    func ultralytics(index: Int) {
        let (width, height, isDynamic, expected, box, back) = Self.letterboxes[index]
        let placement =
            isDynamic
            ? Placement.letterbox(picture: (width, height), longestInput: (640, 640), stride: 32)
            : Placement(picture: (width, height), input: (640, 640), mode: .letterbox)
        let sizes = [
            placement.scaledWidth, placement.scaledHeight, placement.left, placement.top, placement.inputWidth,
            placement.inputHeight,
        ]
        #expect(sizes == expected)
        let found = placement.boxInPicture(Box(left: box[0], top: box[1], right: box[2], bottom: box[3]))
        for (edge, wanted) in zip([found.left, found.top, found.right, found.bottom], back) {
            #expect(abs(edge - wanted) < 0.01)
        }
        // And to the input again, without its padding, of what was not cut off.
        let shown = placement.boxInShownInput(found)
        #expect(abs(shown.left + Double(placement.left) - box[0]) < 0.01)
        #expect(abs(shown.bottom + Double(placement.top) - box[3]) < 0.01)
    }
}
