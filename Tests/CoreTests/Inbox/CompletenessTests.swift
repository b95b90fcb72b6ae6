import Foundation
import Glibc
import SystemPackage
import Testing

@testable import Core

@Suite("Completeness", .timeLimit(.minutes(3))) struct CompletenessTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func gap(of bytes: [UInt8]) throws -> Gap? {
        let path = folder.path.appending("file")
        try Data(bytes).write(to: URL(filePath: path.string))
        let file = try FileDescriptor.open(path, .readOnly)
        defer { try? file.close() }
        return try Completeness.gap(of: file, size: Int64(bytes.count))
    }

    @Test(
        "a picture is whole, and without its end it is not",
        arguments: [
            ("baseline.jpg", ImageFormat.jpeg), ("progressive.jpg", .jpeg), ("grey.png", .png), ("lossy.webp", .webp),
            ("rgb.bmp", .bmp), ("lzw.tif", .tiff),
        ])
    func pictures(name: String, format: ImageFormat) throws {
        let bytes = try PictureFiles.bytes(name)
        #expect(try gap(of: bytes) == nil)
        #expect(try gap(of: Array(bytes.dropLast(bytes.count / 2))) == .cut(format))
        #expect(try gap(of: Array(bytes.prefix(20))) == .cut(format))
    }

    @Test("nothing, and nothing but zeros, is not whole; what is no picture is") func others() throws {
        #expect(try gap(of: []) == .empty)
        #expect(try gap(of: Array(repeating: 0, count: 5_000)) == .zeros)
        #expect(try gap(of: Array("some text".utf8)) == nil)
        #expect(try gap(of: Array("GIF89a....".utf8)) == nil)
    }

    /// A sparse file: it is never read as a whole.
    private func large(_ head: [UInt8], _ tail: [UInt8], size: Int64) throws -> Gap? {
        let path = folder.path.appending("large")
        try Data(head).write(to: URL(filePath: path.string))
        let file = try FileDescriptor.open(path, .readWrite)
        defer { try? file.close() }
        try #require(ftruncate(file.rawValue, off_t(size)) == 0)
        _ = try file.writeAll(toAbsoluteOffset: size - Int64(tail.count), tail)
        return try Completeness.gap(of: file, size: size)
    }

    @Test("of large files the ends are looked at") func largeFiles() throws {
        let size: Int64 = 40 << 20
        let jpeg = Array(try PictureFiles.bytes("baseline.jpg").prefix(200))
        #expect(try large(jpeg, [0xFF, 0xD9, 0, 0], size: size) == nil)
        #expect(try large(jpeg, [0xFF, 0xD8, 0, 0], size: size) == .cut(.jpeg))
        let png = Array(try PictureFiles.bytes("grey.png").prefix(100))
        #expect(try large(png, [0, 0, 0, 0] + Array("IEND".utf8) + [0xAE, 0x42, 0x60, 0x82], size: size) == nil)
        #expect(try large(png, Array("IDAT".utf8), size: size) == .cut(.png))
        // RIFF's size leaves its first eight bytes out: 40 MiB - 8 = 0x027FFFF8.
        let webp = Array("RIFF".utf8) + [0xF8, 0xFF, 0x7F, 0x02] + Array("WEBPVP8 ".utf8)
        #expect(try large(webp, [1], size: size) == nil)
        #expect(try large(webp, [1], size: size - 1) == .cut(.webp))
        // bfSize, 40 MiB = 0x02800000.
        let bmp = Array("BM".utf8) + [0x00, 0x00, 0x80, 0x02]
        #expect(try large(bmp, [1], size: size) == nil)
        #expect(try large(bmp, [1], size: size - 1) == .cut(.bmp))
    }

    @Test("a picture that is cut off waits for the rest, and is taken when that has come") func waitsForTheRest()
        async throws
    {
        let running = try await RunningWatcher()
        let bytes = try PictureFiles.bytes("baseline.jpg")
        try running.write(Array(bytes.prefix(bytes.count / 2)), to: "a.jpg")
        try running.write("", to: "b.jpg")
        try await running.eventually { await running.watcher.snapshot.incomplete == 2 }
        guard case .incomplete(.cut(.jpeg), let seconds) = await running.verdict(InboxFile(name: "a.jpg")) else {
            Issue.record("not incomplete")
            return
        }
        #expect(seconds > 500 && seconds <= 600)
        try running.write(bytes, to: "a.jpg")
        #expect(try await running.take(1) == ["a.jpg"])
    }

    @Test("a mapping that fills the file without an event is noticed") func filledByMapping() async throws {
        let running = try await RunningWatcher()
        let bytes = try PictureFiles.bytes("baseline.jpg")
        try running.write(Array(repeating: 0, count: bytes.count), to: "a.jpg")
        try await running.eventually { await running.watcher.snapshot.incomplete == 1 }
        let file = try FileDescriptor.open(FilePath(running.path("a.jpg")), .readWrite)
        let memory = try #require(
            mmap(nil, bytes.count, PROT_READ | PROT_WRITE, MAP_SHARED, file.rawValue, 0))
        memory.copyMemory(from: bytes, byteCount: bytes.count)
        munmap(memory, bytes.count)
        try file.close()
        #expect(try await running.take(1) == ["a.jpg"])
    }

    @Test("when nothing more comes it is taken as it is") func patienceEnds() async throws {
        let running = try await RunningWatcher(truncated: .milliseconds(150))
        let bytes = try PictureFiles.bytes("grey.png")
        try running.write(Array(bytes.dropLast(10)), to: "a.png")
        try running.write("", to: "b.jpg")
        #expect(try await running.take(2) == ["a.png", "b.jpg"])
    }
}
