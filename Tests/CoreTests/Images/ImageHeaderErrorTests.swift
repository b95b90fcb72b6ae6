import Core
import Testing

@Suite("ImageHeaderError") struct ImageHeaderErrorTests {
    private func error(of bytes: [UInt8]) -> ImageHeaderError? {
        do {
            _ = try ImageHeader(parsing: bytes)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "what is no picture is named by what it looks like",
        arguments: [
            ([], "an empty file"),
            (Array("Dear colleagues,\r\n".utf8), "a text file"),
            (Array("BMW drives through town\n".utf8), "a text file"),
            (Array("K\u{E4}se".utf8), "a text file"),
            (Array("%PDF-1.7\n".utf8), "a PDF document"),
            (Array("PK\u{3}\u{4}....".utf8), "a ZIP archive or Office document"),
            ([0, 0, 0, 0x18] + Array("ftypisom".utf8), "a video"),
            (Array("RIFF....WAVEfmt ".utf8), "a sound or video"),
            ([UInt8](repeating: 0, count: 5000), "a file that begins with zeros, as unfinished copies do"),
            ([1, 2, 3, 4, 5], "a file of unknown kind"),
        ] as [([UInt8], String)])
    func notAnImage(bytes: [UInt8], kind: String) {
        #expect(error(of: bytes) == .notAnImage(kind))
    }

    @Test(
        "pictures of other formats are named",
        arguments: [
            ("refused/picture.gif", "a GIF picture"), ("refused/picture.avif", "an AVIF picture"),
            ("refused/picture.jp2", "a JPEG 2000 picture"), ("refused/big.tif", "a BigTIFF picture"),
            ("refused/animated.webp", "an animated WebP picture"),
            ("refused/float.tif", "a TIFF picture of 32-bit signed or real numbers"),
            (
                "refused/white-is-zero-16bit.tif",
                "a 16-bit TIFF picture that is neither interleaved RGB nor grey with black as 0"
            ),
            (
                "refused/planar-16bit.tif",
                "a 16-bit TIFF picture that is neither interleaved RGB nor grey with black as 0"
            ),
        ])
    func unsupported(name: String, kind: String) throws {
        #expect(error(of: try PictureFiles.bytes(name)) == .unsupported(kind))
    }

    @Test("DICOM and HEIC are named by their marks") func marks() {
        #expect(error(of: [UInt8](repeating: 0, count: 128) + Array("DICM".utf8)) == .unsupported("a DICOM file"))
        #expect(error(of: [0, 0, 0, 0x18] + Array("ftypheic".utf8)) == .unsupported("an HEIC picture"))
    }

    @Test("kinds of JPEG that the decoder does not know are refused") func rareJPEG() throws {
        var bytes = try PictureFiles.bytes("baseline.jpg")
        let frame = try #require(bytes.firstRange(of: [0xFF, 0xC0])?.lowerBound)
        bytes[frame + 4] = 12
        #expect(error(of: bytes) == .unsupported("a JPEG picture of 12 bits"))
        bytes[frame + 1] = 0xC3
        #expect(error(of: bytes) == .unsupported("a lossless or hierarchical JPEG picture"))
    }

    @Test("sizes of 0, and numbers that no writer writes, are damage") func damage() throws {
        var jpeg = try PictureFiles.bytes("baseline.jpg")
        let frame = try #require(jpeg.firstRange(of: [0xFF, 0xC0])?.lowerBound)
        jpeg[frame + 5] = 0
        jpeg[frame + 6] = 0
        #expect(error(of: jpeg) == .damaged(.jpeg, "has a size of 36 x 0"))

        var png = try PictureFiles.bytes("rgb.png")
        png[16] = 0x80
        #expect(error(of: png) == .damaged(.png, "has a size of 2147483684 x 20"))
        png = try PictureFiles.bytes("rgb.png")
        png[24] = 7
        #expect(error(of: png) == .damaged(.png, "has 7 bits in colour type 2"))

        var bmp = try PictureFiles.bytes("rgb.bmp")
        bmp[14] = 13
        #expect(error(of: bmp) == .damaged(.bmp, "has a length of 13 bytes"))

        var webp = try PictureFiles.bytes("alpha.webp")
        webp[20] = 0x2E
        #expect(error(of: webp) == .damaged(.webp, "has no valid VP8L picture"))
    }

    @Test("the smallest number of a BMP's height does not overflow") func smallestHeight() throws {
        var bytes = try PictureFiles.bytes("top-down.bmp")
        bytes.replaceSubrange(22..<26, with: [0, 0, 0, 0x80])
        let header = try ImageHeader(parsing: bytes)
        #expect(header.height == 2_147_483_648)
        #expect(!header.isComplete)
    }

    @Test(
        "a file that ends in its header is cut off",
        arguments: ["baseline.jpg", "rgb.png", "lossy.webp", "lzw.tif", "rgb.bmp"])
    func truncated(name: String) throws {
        let format = try ImageHeader(parsing: PictureFiles.bytes(name)).format
        #expect(error(of: Array(try PictureFiles.bytes(name).prefix(16))) == .truncated(format))
    }

    @Test("every error is a sentence and says what helps") func sentences() {
        let errors: [ImageHeaderError] = [
            .notAnImage("a text file"), .unsupported("a GIF picture"), .damaged(.png, "has a size of 0 x 1"),
            .truncated(.webp),
        ]
        #expect(
            errors.map(\.message) == [
                "The file is not a picture but a text file.",
                "The file is a GIF picture, which is not supported.",
                "The PNG file is damaged: its header has a size of 0 x 1.",
                "The WebP file is cut off: it ends within its header.",
            ])
        #expect(errors.allSatisfy { $0.remedy.hasSuffix(".") })
    }
}
