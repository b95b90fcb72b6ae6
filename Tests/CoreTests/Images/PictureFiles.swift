import Core
import Foundation

/// The small pictures that `EngineTests/Fixtures/make_pictures.py` wrote, and what Pillow, numpy, tifffile say of them.
enum PictureFiles {
    struct Expectation: Decodable {
        var width: Int
        var height: Int
        var channels: Int
        var bitDepth: Int
        var orientation: Int
    }

    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "EngineTests/Fixtures/pictures")

    static func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appending(path: path)))
    }

    static func index() throws -> [String: Expectation] {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(
            [String: Expectation].self, from: try Data(contentsOf: folder.appending(path: "pictures.json")))
    }
}
