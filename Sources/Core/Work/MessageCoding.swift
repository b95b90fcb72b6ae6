import Foundation

/// How messages become lines and back: compact JSON, one message a line, keys sorted so that lines compare.
package enum MessageCoding {
    /// The longest line that is read, in bytes: an explanation of 100 predictions stays far below it.
    package static let maximumLineLength = 4 << 20

    package static func line(_ message: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // JSON has no infinities; a network that overflows must not silence its worker.
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return String(decoding: try encoder.encode(message), as: UTF8.self) + "\n"
    }

    package static func decode<Message: Decodable>(_ type: Message.Type, from line: String) throws -> Message {
        try decode(type, from: Data(line.utf8))
    }

    /// The same of bytes as they were read.
    package static func decode<Message: Decodable>(_ type: Message.Type, from line: [UInt8]) throws -> Message {
        try decode(type, from: Data(line))
    }

    private static func decode<Message: Decodable>(_ type: Message.Type, from line: Data) throws -> Message {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return try decoder.decode(type, from: line)
    }
}
