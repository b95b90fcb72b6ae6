import Foundation

extension ExportMetadata {
    /// - Parameter text: the JSON of `config.txt`.
    /// - Throws: where it is no JSON object, or longer than 4 MiB.
    package init(parsing text: String) throws(ExportMetadataError) {
        guard text.utf8.count <= 4 << 20 else {
            throw ExportMetadataError(message: "The model's config.txt is longer than 4 MiB.")
        }
        let document: Document
        do {
            document = try JSONDecoder().decode(Document.self, from: Data(text.utf8))
        } catch {
            throw ExportMetadataError(message: "The model's config.txt is no JSON object: \(reason(error)).")
        }
        self = document.metadata
    }
}

private func reason(_ error: any Error) -> String {
    guard case DecodingError.dataCorrupted(let context) = error else { return "it holds something else" }
    return (context.underlyingError as NSError?)?.userInfo[NSDebugDescriptionErrorKey] as? String
        ?? context.debugDescription
}

private enum Key: String, CodingKey {
    case names, imgsz, shape, stride, task, end2end, dynamic, nms, args, channels
}

/// The keys that are read, each for itself: a wrong one hides none of the others.
private struct Document: Decodable {
    let metadata: ExportMetadata

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let arguments = try? container.nestedContainer(keyedBy: Key.self, forKey: .args)
        var metadata = ExportMetadata()
        let names = try? container.decode(Names.self, forKey: .names)
        metadata.names = names?.inOrder ?? []
        metadata.hasTooManyNames = names?.areTooMany ?? false
        metadata.stride = container.integer(.stride, in: sides)
        metadata.task = try? container.decode(ExportMetadata.Task.self, forKey: .task)
        metadata.isEndToEnd = container.flag(.end2end)
        metadata.isDynamic = arguments?.flag(.dynamic) ?? container.flag(.dynamic)
        metadata.includesNMS = arguments?.flag(.nms) ?? container.flag(.nms)
        // [1, 3, height, width]: all that YOLOv5's own exporter says of the input.
        let shape = container.integers(.shape).flatMap { $0.count == 4 ? $0 : nil }
        if let (width, height) = container.inputSize ?? shape.flatMap({ sizeOfInput(height: $0[2], width: $0[3]) }) {
            (metadata.inputWidth, metadata.inputHeight) = (width, height)
        }
        metadata.channels = container.integer(.channels, in: channelCounts)
        if metadata.channels == nil, let channels = shape?[1], channelCounts.contains(channels) {
            metadata.channels = channels
        }
        self.metadata = metadata
    }
}

private let sides = 1...16_384
private let channelCounts = 1...1_024

private func sizeOfInput(height: Int, width: Int) -> (width: Int, height: Int)? {
    sides.contains(height) && sides.contains(width) ? (width, height) : nil
}

extension KeyedDecodingContainer {
    fileprivate func integer(_ key: Key, in range: ClosedRange<Int>) -> Int? {
        (try? decode(Int.self, forKey: key)).flatMap { range.contains($0) ? $0 : nil }
    }

    fileprivate func integers(_ key: Key) -> [Int]? { try? decode([Int].self, forKey: key) }

    fileprivate func flag(_ key: Key) -> Bool? { try? decode(Bool.self, forKey: key) }
}

extension KeyedDecodingContainer<Key> {
    /// A number for both sides, or [height, width].
    fileprivate var inputSize: (width: Int, height: Int)? {
        if let side = integer(.imgsz, in: sides) { return (side, side) }
        guard let both = integers(.imgsz), let height = both.first, let width = both.last, both.count <= 2 else {
            return nil
        }
        return sizeOfInput(height: height, width: width)
    }
}

/// {"0": "person", "1": "bicycle"}, or ["person", "bicycle"].
private struct Names: Decodable {
    let inOrder: [String]
    let areTooMany: Bool

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let named: [(index: Int, name: Name)] =
            if let list = try? container.decode([Name].self) {
                Array(list.enumerated().map { (index: $0.offset, name: $0.element) })
            } else {
                try container.decode([String: Name].self).compactMap { key, name in
                    // "01" is no index: it would name the same class as "1".
                    guard let index = Int(key), String(index) == key, index >= 0 else { return nil }
                    return (index: index, name: name)
                }
            }
        let last = named.map(\.index).max()
        areTooMany = last.map { $0 >= ExportMetadata.longestNames } ?? false
        guard let last, !areTooMany else {
            inOrder = []
            return
        }
        var inOrder = (0...last).map { "class \($0)" }
        for (index, name) in named {
            if let text = name.text { inOrder[index] = text }
        }
        self.inOrder = inOrder
    }
}

/// A label, made fit to be printed; numbers are labels, too.
private struct Name: Decodable {
    /// `nil` where it is neither text nor a number, or nothing remains of it.
    let text: String?

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let said = (try? container.decode(String.self)) ?? (try? container.decode(Int.self)).map(String.init)
        // Counted in scalars: a single character can hold any number of them.
        let scalars = said?.unicodeScalars.lazy.filter { $0.properties.generalCategory != .control }.prefix(200)
        let text = scalars.map { String(String.UnicodeScalarView($0)) } ?? ""
        self.text = text.isEmpty ? nil : text
    }
}
