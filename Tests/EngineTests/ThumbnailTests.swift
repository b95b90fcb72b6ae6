import COpenCV
import Core
import Foundation
import SystemPackage
import Testing

/// `gradcam-worker --thumbnails` over its real protocol.
@Suite("Thumbnails", .timeLimit(.minutes(2))) struct ThumbnailTests {
    private let bench: WorkerBench

    init() throws { bench = try WorkerBench() }

    private func worker(side: Int = 320, limits: ImageLimits = ImageLimits()) -> ThumbnailWorker {
        ThumbnailWorker(executable: WorkerBench.program, limits: limits, side: side)
    }

    private func picture(_ name: String) -> RawPath {
        RawPath(
            FilePath(#filePath).removingLastComponent().appending("Fixtures").appending(FilePath(name).components))
    }

    private func thumbnail(_ path: RawPath, side: Int) async throws -> Thumbnail {
        try await worker(side: side).thumbnails(of: [path])[0].get()
    }

    @Test("pictures of every format become small JPEGs, upright, and small ones keep their size") func formats()
        async throws
    {
        // 36 x 20, turned by a quarter.
        let turned = try await thumbnail(picture("pictures/orientation-6.jpg"), side: 18)
        #expect(turned.width == 10 && turned.height == 18)
        for name in ["rgb.png", "lossy.webp", "rgb.bmp", "grey16.tif", "cmyk.jpg"] {
            let small = try await thumbnail(picture("pictures/\(name)"), side: 320)
            #expect(small.width == 36 && small.height == 20, "\(name)")
            let header = try ImageHeader(parsing: Array(small.jpeg))
            #expect(header.format == .jpeg && header.width == 36 && header.isComplete)
        }
    }

    @Test("a large JPEG is decoded at a fraction of its size, with the same colours") func reduced() throws {
        let large = try RawPicture(width: 1001, height: 500, red: 200, green: 40, blue: 10)
        let jpeg = try large.encoded(.JPEG, quality: 95)
        // 1001 / 8 = 126 is still 100 or more; libjpeg rounds up.
        for (side, width, height) in [(100, 126, 63), (126, 251, 125), (300, 501, 250), (600, 1001, 500)] {
            var handle: OpaquePointer?
            let status = copencv_picture_decode_reduced(jpeg, jpeg.count, 1001, 500, 1, side, &handle)
            #expect(status == nil)
            let picture = try #require(handle)
            defer { copencv_picture_free(picture) }
            #expect(copencv_picture_width(picture) == width && copencv_picture_height(picture) == height)
            let pixels = UnsafeBufferPointer(start: copencv_picture_pixels(picture), count: 3)
            #expect(zip(pixels, [10, 40, 200]).allSatisfy { abs(Int($0) - $1) <= 3 })
        }
    }

    @Test("what is no picture, a link, too large or missing costs that picture alone") func hostile() async throws {
        let link = bench.file("link.jpg")
        try FileManager.default.createSymbolicLink(
            atPath: link.path.string, withDestinationPath: picture("pictures/rgb.png").path.string)
        let text = bench.file("text.jpg")
        try Data("Dear radiologist".utf8).write(to: URL(filePath: text.path.string))
        let paths = [text, link, bench.file("none.jpg"), picture("pictures/rgb.png")]
        let results = try await worker().thumbnails(of: paths)
        #expect(results.map(code) == [.notAnImage, .notARegularFile, .unreadable, nil])
        var limits = ImageLimits()
        limits.maxPixels = 36 * 20 - 1
        #expect(try await worker(limits: limits).thumbnails(of: paths).map(code).last == .imageTooLarge)
    }

    private func code(of result: Result<Thumbnail, Failure>) -> Failure.Code? {
        if case .failure(let failure) = result { failure.code } else { nil }
    }

    @Test("a worker that dies at a picture, and one that is no worker, leave the others") func dies() async throws {
        // Answers the second picture by its death.
        let script = bench.file("dying").path
        try Data(
            #"""
            #!/bin/bash
            while IFS= read -r line; do
                [[ $line == *'"1"'* ]] && kill -9 $$
                id=${line#*'"id":"'} && id=${id%%'"'*}
                echo "{\"version\":1,\"id\":\"$id\",\"thumbnail\":{\"width\":1,\"height\":1,\"jpeg\":\"\"}}"
            done
            """#.utf8
        ).write(to: URL(filePath: script.string))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script.string)
        let paths = (0..<3).map { RawPath(FilePath("/\($0).jpg")) }
        let results = try await ThumbnailWorker(executable: script).thumbnails(of: paths)
        let successes = results.map { result in (try? result.get()) != nil }
        #expect(successes == [true, false, true])
        await #expect(throws: Failure.self) {
            try await ThumbnailWorker(executable: "/nonexistent").thumbnails(of: paths)
        }
    }
}
