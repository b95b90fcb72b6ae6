import CLinux
import SystemPackage

/// How arrivals are noticed.
package enum WatchMode: String, CaseIterable, Sendable {
    /// By inotify, and on network file systems by polling, too.
    case auto
    case inotify
    case poll
}

/// How arrivals are noticed in the inbox as it is, and why.
struct WatchWay: Equatable, Sendable {
    let usesInotify: Bool
    /// Why the inbox is looked through every few seconds; `nil` where it is not.
    let pollingReason: String?

    var polls: Bool { pollingReason != nil }

    init(_ mode: WatchMode, for inbox: Directory) {
        usesInotify = mode != .poll
        pollingReason =
            switch mode {
            case .poll: "inbox.watch is poll"
            case .inotify: nil
            case .auto:
                // The kernel tells of what happens on this machine, not of what others do on the server.
                (try? FileSystemKind(of: inbox)).flatMap { kind in
                    kind.isRemote ? "it is on \(kind.name), which does not tell of other machines" : nil
                }
            }
    }

    /// What the file looks like now. Network file systems answer out of a cache unless they are asked not to.
    func status(of name: FileName, in folder: Directory) throws(Errno) -> FileStatus {
        guard polls else { return try folder.status(of: name) }
        var status = CLinuxStatus()
        try Errno.check(name.withPlatformString { clinux_status_from_server(folder.descriptor, $0, &status) })
        return FileStatus(
            mode: status.mode, size: status.size, device: status.device, inode: status.inode,
            modified: status.modified, changed: status.changed, owner: status.owner,
            links: status.links)
    }
}
