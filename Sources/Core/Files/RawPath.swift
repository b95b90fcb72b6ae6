import Foundation
package import SystemPackage

/// A path in a JSON message: a string where it is UTF-8, else `{"base64": "…"}`, for names are bytes.
package struct RawPath: Hashable, Sendable {
    package let path: FilePath

    package init(_ path: FilePath) { self.path = path }

    package var bytes: [UInt8] {
        path.withPlatformString { characters in
            UnsafeRawBufferPointer(start: characters, count: path.length).map { $0 }
        }
    }
}

extension RawPath: Codable {
    private enum Keys: String, CodingKey { case base64 }

    package init(from decoder: any Decoder) throws {
        if let text = try? decoder.singleValueContainer().decode(String.self) {
            self.init(FilePath(text))
            return
        }
        let container = try decoder.container(keyedBy: Keys.self)
        let encoded = try container.decode(String.self, forKey: .base64)
        guard let data = Data(base64Encoded: encoded), !data.contains(0) else {
            throw DecodingError.dataCorruptedError(
                forKey: .base64, in: container, debugDescription: "not base64 of a path")
        }
        self.init(FilePath(bytes: Array(data)))
    }

    package func encode(to encoder: any Encoder) throws {
        if let text = String(validating: bytes, as: UTF8.self) {
            var container = encoder.singleValueContainer()
            try container.encode(text)
        } else {
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(Data(bytes).base64EncodedString(), forKey: .base64)
        }
    }
}

extension FilePath {
    /// - Parameter bytes: without NUL.
    package init(bytes: [UInt8]) {
        self = (bytes + [0]).withUnsafeBytes { raw in
            raw.withMemoryRebound(to: CInterop.PlatformChar.self) { characters in
                characters.baseAddress.map { FilePath(platformString: $0) } ?? FilePath()
            }
        }
    }

    /// This directory's entry of that name.
    package func appending(_ name: FileName) -> FilePath {
        guard let component = FilePath(bytes: name.bytes).components.last else { return self }
        return appending(component)
    }
}
