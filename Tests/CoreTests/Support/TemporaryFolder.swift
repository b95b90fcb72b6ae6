import Foundation
import SystemPackage

/// A folder that is gone when the test is over.
final class TemporaryFolder: Sendable {
    let path: FilePath

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "gradcamd-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = FilePath(url.path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path.string) }

    @discardableResult
    func write(_ text: String, to name: String) throws -> FilePath {
        let file = path.appending(FilePath(name).components)
        try Data(text.utf8).write(to: URL(filePath: file.string))
        return file
    }

    func names(in folder: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: path.appending(folder).string).sorted()
    }
}
