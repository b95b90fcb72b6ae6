import COpenCV
import Foundation
import Testing

@Suite("COpenCV: decoding") struct COpenCVDecodeTests {
    @Test("every kind of picture becomes the upright 8-bit pixels that Pillow and numpy say")
    func kinds() throws {
        let index = try PictureFixtures.index()
        #expect(index.count > 40)
        for (name, expectation) in index {
            let picture = try PictureFixtures.picture(name)
            let isTurned = expectation.orientation >= 5
            #expect(picture.width == (isTurned ? expectation.height : expectation.width), "\(name)")
            #expect(picture.height == (isTurned ? expectation.width : expectation.height), "\(name)")
            let difference = largestDifference(picture.rgb, try PictureFixtures.bytes("pictures/\(name).rgb"))
            #expect(difference <= expectation.tolerance, "\(name)")
        }
    }

    @Test("another size than the header promised is not decoded")
    func otherSize() throws {
        let bytes = try PictureFixtures.bytes("pictures/rgb.png")
        #expect { try RawPicture(decoding: bytes, width: 20, height: 36) } throws: { error in
            let error = error as? RawPictureError
            return error?.code == .undecodable && error?.message.contains("36 x 20") == true
        }
    }

    @Test(
        "formats that have decoders in OpenCV, but were not asked for, do not reach them",
        arguments: [
            "refused/picture.gif", "refused/picture.jp2", "refused/picture.avif", "pictures.json",
        ])
    func otherFormats(name: String) throws {
        let bytes = try PictureFixtures.bytes("pictures/\(name)")
        #expect { try RawPicture(decoding: bytes, width: 36, height: 20) } throws: { error in
            (error as? RawPictureError)?.code == .invalidArgument
        }
    }

    @Test("a damaged WebP file that says DICM does not reach the DICOM decoder")
    func disguisedDICOM() throws {
        var bytes = try PictureFixtures.bytes("pictures/lossless.webp")
        bytes.replaceSubrange(12..<20, with: repeatElement(0, count: 8))
        bytes.replaceSubrange(128..<132, with: Array("DICM".utf8))
        #expect { try RawPicture(decoding: bytes, width: 36, height: 20) } throws: { error in
            (error as? RawPictureError)?.code == .invalidArgument
        }
    }

    @Test("pixel data that is not there is an error, not a picture", arguments: ["rgb.png", "lossy.webp", "rgb.bmp"])
    func withoutPixels(name: String) throws {
        let bytes = Array(try PictureFixtures.bytes("pictures/\(name)").prefix(80))
        #expect { try RawPicture(decoding: bytes, width: 36, height: 20) } throws: { error in
            (error as? RawPictureError)?.code == .undecodable
        }
    }

    @Test("orientations outside 1...8 and empty files break the header's rules")
    func rules() throws {
        let bytes = try PictureFixtures.bytes("pictures/rgb.png")
        for orientation in [0, 9] as [Int32] {
            #expect { try RawPicture(decoding: bytes, width: 36, height: 20, orientation: orientation) } throws: {
                ($0 as? RawPictureError)?.code == .invalidArgument
            }
        }
        #expect { try RawPicture(decoding: [], width: 1, height: 1) } throws: {
            ($0 as? RawPictureError)?.code == .invalidArgument
        }
    }

    @Test("PNG keeps every pixel, JPEG stays near")
    func encoding() throws {
        let picture = try PictureFixtures.picture("rgb.png")
        let png = try picture.encoded(.PNG)
        #expect(try RawPicture(decoding: png, width: 36, height: 20).rgb == picture.rgb)
        let jpeg = try picture.encoded(.JPEG, quality: 95)
        #expect(largestDifference(try RawPicture(decoding: jpeg, width: 36, height: 20).rgb, picture.rgb) <= 24)
        #expect(try picture.encoded(.JPEG, quality: 30).count < jpeg.count)
        #expect { try picture.encoded(.JPEG, quality: 0) } throws: {
            ($0 as? RawPictureError)?.code == .invalidArgument
        }
    }

    @Test("the version is the library's") func version() {
        #expect(String(cString: copencv_version()).wholeMatch(of: /\d+\.\d+\.\d+.*/) != nil)
    }
}
