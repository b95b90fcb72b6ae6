import Core
import Testing

@Suite("ImageHeader") struct ImageHeaderTests {
    @Test("size, samples, orientation and completeness are what the writing libraries say") func allKinds() throws {
        let formats: [String: ImageFormat] = ["jpg": .jpeg, "png": .png, "webp": .webp, "tif": .tiff, "bmp": .bmp]
        let index = try PictureFiles.index()
        #expect(index.count > 40)
        for (name, expected) in index {
            let header = try ImageHeader(parsing: PictureFiles.bytes(name))
            #expect(header.format == formats[String(name.split(separator: ".").last ?? "")], "\(name)")
            #expect(header.width == expected.width && header.height == expected.height, "\(name)")
            #expect(header.channels == expected.channels, "\(name)")
            #expect(header.bitDepth == expected.bitDepth, "\(name)")
            #expect(header.orientation == expected.orientation, "\(name)")
            #expect(header.isComplete, "\(name)")
        }
    }

    @Test("orientations 5 to 8 swap the sides") func uprightSize() throws {
        for (name, size) in [("orientation-4.jpg", (36, 20)), ("orientation-5.jpg", (20, 36))] {
            #expect(try ImageHeader(parsing: PictureFiles.bytes(name)).uprightSize == size)
        }
    }

    @Test(
        "cut at any byte, a picture is refused or known to be incomplete",
        arguments: [
            "baseline.jpg", "progressive.jpg", "restarts.jpg", "orientation-6.jpg", "rgb.png", "orientation-6.png",
            "lossy.webp", "alpha.webp", "orientation-8.webp", "tiled.tif", "big-endian.tif", "lzw.tif", "rgb.bmp",
            "grey.bmp", "top-down.bmp",
        ])
    func cut(name: String) throws {
        let bytes = try PictureFiles.bytes(name)
        for length in bytes.indices {
            // Padding bytes at the end hold no pixels.
            guard let header = try? ImageHeader(parsing: Array(bytes.prefix(length))) else { continue }
            let isOnlyPadding = bytes[length...].allSatisfy { $0 == 0 } && bytes.count - length <= 1
            #expect(!header.isComplete || isOnlyPadding, "\(name) at \(length)")
        }
    }

    @Test(
        "bytes behind the end do no harm", arguments: ["baseline.jpg", "rgb.png", "lossy.webp", "lzw.tif", "rgb.bmp"])
    func trailingBytes(name: String) throws {
        let bytes = try PictureFiles.bytes(name)
        let expected = try ImageHeader(parsing: bytes)
        #expect(try ImageHeader(parsing: bytes + [1, 2, 3, 0xFF, 0xD9, 0xFF]) == expected)
    }

    @Test("the end marker of a thumbnail does not make a cut JPEG file whole") func thumbnail() throws {
        let bytes = try PictureFiles.bytes("baseline.jpg")
        // An APP2 segment whose content is a JPEG file of its own.
        let content = bytes
        let segment = [0xFF, 0xE2, UInt8((content.count + 2) >> 8), UInt8((content.count + 2) & 0xFF)] + content
        let whole = Array(bytes.prefix(2)) + segment + bytes.dropFirst(2)
        #expect(try ImageHeader(parsing: whole).isComplete)
        #expect(try !ImageHeader(parsing: Array(whole.dropLast(40))).isComplete)
    }

    @Test("a JPEG marker may be preceded by fill bytes") func fillBytes() throws {
        let bytes = try PictureFiles.bytes("baseline.jpg")
        let filled = Array(bytes.prefix(2)) + [0xFF, 0xFF, 0xFF] + bytes.dropFirst(2)
        #expect(try ImageHeader(parsing: filled) == ImageHeader(parsing: bytes))
    }

    @Test("an orientation that is none counts as upright", arguments: [0, 9, 255] as [UInt8])
    func wrongOrientation(value: UInt8) throws {
        var bytes = try PictureFiles.bytes("orientation-6.tif")
        // Tag 274 (0x0112), SHORT, one value: 6.
        let entry: [UInt8] = [0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0]
        let place = try #require(bytes.firstRange(of: entry)?.lowerBound)
        bytes[place + 8] = value
        #expect(try ImageHeader(parsing: bytes).orientation == 1)
    }
}
