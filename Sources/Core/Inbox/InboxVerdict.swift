/// What the watcher thinks of one path below the inbox: why it is not taken yet, or that it is about to be.
package enum InboxVerdict: Codable, Equatable, Sendable {
    /// Nothing of that name is in the inbox.
    case absent
    /// Its name, or a folder's on the way, is one of files on their way or of litter.
    case ignored(pattern: String)
    case symbolicLink
    case notRegular(kind: String)
    case directory
    case tooDeep(limit: Int)
    case unreadable(mode: UInt32, owner: UInt32)
    case openForWriting
    /// Seconds without a change so far, and how many it needs.
    case settling(quiet: Double, needed: Double)
    /// Not all of it is there. It is handed out all the same after so many seconds.
    case incomplete(Gap, waits: Double)
    /// Whole; from 1.
    case ready(position: Int)
    /// Whole and about to be claimed.
    case handedOut
    /// There are more files than are kept in memory, or the next scan finds it.
    case notYetSeen
    case inboxMissing(reason: String)
    /// The file system says so.
    case failing(error: String)

    /// For people; begins with "it".
    package var sentence: String {
        switch self {
        case .absent: "it is not in the inbox"
        case .ignored(let pattern):
            if pattern.hasSuffix("/") {
                "it is ignored: it lies in a folder called \(pattern.dropLast())"
            } else {
                "it is ignored: its name is \(pattern)"
            }
        case .symbolicLink: "it is a symbolic link, which is never followed: drop the file itself"
        case .notRegular(let kind): "it is \(kind), not a file"
        case .directory: "it is a folder: what is in it is taken"
        case .tooDeep(let limit): "it lies more than \(limit) folders deep: move it up"
        case .unreadable(let mode, let owner):
            """
            it cannot be read: mode 0\(String(mode, radix: 8)), owner \(owner): give the daemon's group read access \
            (chmod g+r, of a folder g+rx)
            """
        case .openForWriting: "a program has it open for writing"
        case .settling(let quiet, let needed):
            "it settles: \(quiet.tenths) of \(needed.tenths) s without a change"
        case .incomplete(let gap, let seconds):
            "\(gap.sentence); if nothing more comes it is taken as it is in \(Int(seconds.rounded(.up))) s"
        case .ready(let position): "it is whole and waits for a worker, at place \(position)"
        case .handedOut: "it is whole and about to be claimed"
        case .notYetSeen: "it was not looked at yet: there are many files, or the next scan finds it"
        case .inboxMissing(let reason): "it waits: \(reason)"
        case .failing(let error): "it cannot be looked at: \(error)"
        }
    }

    /// Whether it waits for somebody to do something, or for its writer: nothing that time alone ends soon.
    package var isHeld: Bool {
        switch self {
        case .ignored, .symbolicLink, .notRegular, .tooDeep, .unreadable, .openForWriting, .incomplete, .failing: true
        default: false
        }
    }
}

/// What a file lacks that is not whole.
package enum Gap: Codable, Hashable, Sendable {
    /// Browsers begin with an empty file.
    case empty
    /// Copy programs reserve the space first.
    case zeros
    /// The file ends before the picture does.
    case cut(ImageFormat)

    package var sentence: String {
        switch self {
        case .empty: "it is empty"
        case .zeros: "it begins with zeros, as unfinished copies do"
        case .cut(let format): "it is cut off: the \(format.name) file ends before the picture does"
        }
    }
}

extension Double {
    fileprivate var tenths: String { "\((self * 10).rounded() / 10)" }
}
