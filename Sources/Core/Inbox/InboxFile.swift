/// A file somewhere below the inbox: the folders that lead to it, and its name.
package struct InboxFile: Hashable, Sendable {
    package let folders: [FileName]
    package let name: FileName

    package init(folders: [FileName] = [], name: FileName) {
        self.folders = folders
        self.name = name
    }

    /// "scans/monday/x.jpg", for people.
    package var text: String { (folders + [name]).map(\.text).joined(separator: "/") }

    /// The same as bytes, which need not be UTF-8.
    package var bytes: [UInt8] { Array((folders + [name]).map(\.bytes).joined(separator: [UInt8(ascii: "/")])) }
}

/// A whole file, and the inbox in which it was found to be so: to be claimed from there, whatever the path of the
/// inbox means by now.
package struct ReadyFile: Sendable {
    package let file: InboxFile
    package let inbox: Directory
    /// When it became known.
    package let since: ContinuousClock.Instant

    package init(file: InboxFile, inbox: Directory, since: ContinuousClock.Instant = .now) {
        self.file = file
        self.inbox = inbox
        self.since = since
    }
}
