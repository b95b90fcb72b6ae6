import Foundation

/// What `--json` prints, with its line feed: keys in one order, so that scripts and people can compare two of them.
enum JSONText {
    /// - Parameter isIndented: false for one object a line.
    static func text(of value: some Encodable, isIndented: Bool = true) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if isIndented { encoder.outputFormatting.insert(.prettyPrinted) }
        return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
    }
}
