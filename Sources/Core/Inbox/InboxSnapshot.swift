/// What the watcher says of itself.
package struct InboxSnapshot: Codable, Equatable, Sendable {
    package enum State: Codable, Equatable, Sendable {
        case watching
        case polling(reason: String)
        /// The inbox is not there, or is not ours: nothing is taken.
        case missing(reason: String)
    }

    /// Files that stay for a reason: how many, and the names of the first 20, as text for people.
    package struct Files: Codable, Equatable, Sendable {
        package var count = 0
        package var first: [String] = []

        package static let shown = 20
    }

    package var state: State
    /// Known and not whole yet.
    package var settling: Int
    /// Whole and not taken yet.
    package var ready: Int
    /// How long the one of these has been known that became known first; `nil` where there is none.
    package var oldestSeconds: Double?
    /// There are more files than are kept in memory. They come when others have gone.
    package var isLeftOut: Bool
    package var isScanning: Bool
    /// How often the kernel dropped events, each time followed by a scan.
    package var overflows: Int
    package var watches: Int
    /// Folders that are polled for want of inotify watches.
    package var unwatchedFolders: Int
    package var openForWriting: Int
    package var incomplete: Int
    package var unreadable: Files
    /// Ignored by name for more than an hour.
    package var ignored: Files
    /// Links, FIFOs, sockets, devices.
    package var special: Files
    package var tooDeep: Files
}
