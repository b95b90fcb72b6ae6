/// Names that are never images to be taken: files on their way, and litter of file managers and shares. A folder of
/// such a name is not looked into.
package enum IgnoredNames {
    /// The pattern that such a name matches, as people write it: "*.part"; `nil` where it is taken.
    package static func pattern(for name: FileName) -> String? {
        // Case does not count, for shares have none. Only ASCII has one here.
        let bytes = name.bytes.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
        return patterns.first { $0.matches(bytes) }?.text
    }

    /// The same for a file and the folders that lead to it.
    package static func pattern(for file: InboxFile) -> String? {
        for name in file.folders {
            if let pattern = pattern(for: name) { return pattern + "/" }
        }
        return pattern(for: file.name)
    }

    /// What the service itself may write into the inbox, for people to read.
    package static let receipt: FileName = "_STATUS.txt"

    /// The telling ones first: a dot hides most of them anyway.
    private static let patterns: [Pattern] = [
        // Browsers, download programs, copy programs.
        "*.part", "*.partial", "*.crdownload", "*.opdownload", "*.download", "*.filepart", "*.tmp", "*.temp",
        "*.!ut", "*.aria2", ".~tmp~", ".syncthing.*", "~syncthing~*", ".goutputstream-*",
        // Editors and office programs.
        "*~", "~$*",
        // Windows, macOS, Synology, QNAP.
        "Thumbs.db", "desktop.ini", "*:Zone.Identifier", ".DS_Store", "._*", ".AppleDouble", ".Trash*", "__MACOSX",
        "@eaDir", "#recycle",
        // Files that were deleted while a program had them open.
        ".nfs*", ".fuse_hidden*", ".smbdelete*",
        // Our own receipt, then everything hidden: temporary names of rsync and scp, our own.
        "_STATUS.txt", ".*",
    ]

    /// A name with a star at one end, or none.
    private struct Pattern: ExpressibleByStringLiteral {
        let text: String
        private let beginning: [UInt8]?
        private let ending: [UInt8]?

        init(stringLiteral text: String) {
            self.text = text
            let bytes = Array(text.lowercased().utf8)
            let star = UInt8(ascii: "*")
            beginning = bytes.first == star ? nil : bytes.last == star ? bytes.dropLast() : bytes
            ending = bytes.last == star ? nil : bytes.first == star ? Array(bytes.dropFirst()) : bytes
        }

        func matches(_ name: [UInt8]) -> Bool {
            switch (beginning, ending) {
            case (let beginning?, nil): name.starts(with: beginning)
            case (nil, let ending?): name.count >= ending.count && name.suffix(ending.count) == ending[...]
            default: name == beginning
            }
        }
    }
}
