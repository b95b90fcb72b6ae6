/// Names that are never images to be taken: files on their way, and litter of file managers and shares.
package enum IgnoredNames {
    /// Why a file of that name stays where it is; `nil` where it is taken.
    package static func reason(for name: FileName) -> String? {
        let text = String(decoding: name.bytes, as: UTF8.self).lowercased()
        if let prefix = prefixes.first(where: text.hasPrefix) { return "begins with \(prefix)" }
        if let suffix = suffixes.first(where: text.hasSuffix) { return "ends with \(suffix)" }
        if names.contains(text) { return "is \(text)" }
        return nil
    }

    /// A dot hides rsync's and scp's temporary names too, `._*` of macOS, `.nfs*`, `.goutputstream-*`, our own.
    private static let prefixes = [".", "~$", "~syncthing~"]

    private static let suffixes = [
        "~", ".part", ".partial", ".crdownload", ".opdownload", ".download", ".filepart", ".tmp", ".temp", ".!ut",
        ".aria2", ":zone.identifier",
    ]

    private static let names: Set<String> = [
        "thumbs.db", "desktop.ini", "@eadir", "#recycle", "__macosx", "_status.txt",
    ]
}
