/// A file under the name that the journal gave it: `17-cat.jpg`, `17-cat.jpg.cam-2.jpg`, `17-cat.jpg.txt`. Whatever has
/// another name is not ours.
struct ArchivedFile: Hashable {
    let name: FileName
    /// Of its row in the log.
    let id: Int64
    /// What the journal appended to the image's own name: `.cam-2.jpg`; empty for originals.
    let suffix: String

    /// In `done/` and `failed/`. A reason there is named like the original of an image that ends with `.txt`; its row
    /// tells.
    init?(original name: FileName) {
        guard let id = Self.id(of: name) else { return nil }
        self.name = name
        self.id = id
        suffix = ""
    }

    /// In `outbox/`.
    init?(output name: FileName) {
        guard let id = Self.id(of: name), let suffix = Self.suffix(of: name) else { return nil }
        self.name = name
        self.id = id
        self.suffix = suffix
    }

    var isHeatMap: Bool { suffix.hasPrefix(".heat") }

    /// `17-cat.jpg.txt` for `17-cat.jpg`.
    var reason: FileName { name.wrapped(prefix: "", suffix: ".txt") }

    /// Whether the journal named it after this image.
    func belongs(to image: FileName) -> Bool {
        let named = image.wrapped(prefix: "\(id)-", suffix: suffix)
        return named == name || (suffix.isEmpty && named.wrapped(prefix: "", suffix: ".txt") == name)
    }

    private static func id(of name: FileName) -> Int64? {
        let digits = name.bytes.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard let first = digits.first, first != UInt8(ascii: "0"), digits.count <= 18 else { return nil }
        let rest = name.bytes.dropFirst(digits.count)
        guard rest.first == UInt8(ascii: "-"), rest.count > 1 else { return nil }
        return Int64(String(decoding: digits, as: UTF8.self))
    }

    private static func suffix(of name: FileName) -> String? {
        let dot = UInt8(ascii: ".")
        guard let last = name.bytes.lastIndex(of: dot), let mark = name.bytes[..<last].lastIndex(of: dot) else {
            return nil
        }
        let parts = name.bytes[(mark + 1)..<last].split(
            separator: UInt8(ascii: "-"), maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count > 1 {
            // The first has no number.
            guard let number = Int(String(decoding: parts[1], as: UTF8.self)), number >= 2 else { return nil }
        }
        let ending = String(decoding: name.bytes[(last + 1)...], as: UTF8.self)
        let endings =
            switch String(decoding: parts[0], as: UTF8.self) {
            case "cam": OverlayOptions.Format.allCases.map(\.fileExtension)
            case "heat": ["npy"]
            default: [String]()
            }
        return endings.contains(ending) ? String(decoding: name.bytes[mark...], as: UTF8.self) : nil
    }
}
