import Foundation
import SystemPackage

/// What the kernel lets each user have, inotify(7).
struct InotifyLimits: Equatable {
    var watches: Int?
    var instances: Int?
    var queuedEvents: Int?

    init(watches: Int?, instances: Int?, queuedEvents: Int?) {
        self.watches = watches
        self.instances = instances
        self.queuedEvents = queuedEvents
    }

    /// This machine's.
    init() {
        let read: (String) -> Int? = { name in
            let text = try? String(contentsOfFile: "/proc/sys/fs/inotify/\(name)", encoding: .utf8)
            return text.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        }
        self.init(
            watches: read("max_user_watches"), instances: read("max_user_instances"),
            queuedEvents: read("max_queued_events"))
    }
}

/// Whether the kernel lets the service watch the inbox with all its folders.
enum InotifyChecks {
    /// The kernel's default; so many events of one burst are kept.
    private static let usualQueue = 16_384
    /// Folders counted at most.
    private static let most = 200_000
    /// As deep as the service looks.
    private static let depth = 32

    static func findings(inbox: FilePath, limits: InotifyLimits) -> [Finding] {
        [instance(limits)] + [watches(folders(in: inbox), limits), queue(limits)].compactMap { $0 }
    }

    private static func instance(_ limits: InotifyLimits) -> Finding {
        let descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else {
            let error = Errno(rawValue: errno)
            let limit = limits.instances.map { "\($0)" } ?? "unknown"
            return Finding(
                .inotify, .problem,
                "No inotify instance can be made: \(error); fs.inotify.max_user_instances is \(limit).",
                remedy: "Raise the sysctl fs.inotify.max_user_instances.")
        }
        close(descriptor)
        return Finding(.inotify, .ok, "An inotify instance can be made.")
    }

    static func watches(_ folders: Int?, _ limits: InotifyLimits) -> Finding? {
        guard let watches = limits.watches else {
            return Finding(.inotify, .unknown, "fs.inotify.max_user_watches cannot be read.")
        }
        guard let folders else { return Finding(.inotify, .unknown, "The inbox cannot be looked into.") }
        // Other programs of the same user need some, too.
        guard folders <= watches / 2 else {
            return Finding(
                .inotify, folders < watches ? .warning : .problem,
                "The inbox has \(folders) folders, and fs.inotify.max_user_watches is \(watches).",
                remedy: "Raise it: sysctl fs.inotify.max_user_watches=\(folders * 4)")
        }
        return Finding(.inotify, .ok, "The inbox has \(folders) folders, \(watches) may be watched.")
    }

    static func queue(_ limits: InotifyLimits) -> Finding? {
        guard let events = limits.queuedEvents, events < usualQueue else { return nil }
        return Finding(
            .inotify, .warning, "fs.inotify.max_queued_events is \(events): bursts are found by a scan only.",
            remedy: "Raise it: sysctl fs.inotify.max_queued_events=\(usualQueue)")
    }

    /// The inbox and all folders below it; `nil` where it cannot be opened.
    static func folders(in inbox: FilePath) -> Int? {
        guard let top = try? Directory(inbox) else { return nil }
        var count = 0
        var open: [(directory: Directory, depth: Int)] = [(top, 0)]
        while let (directory, depth) = open.popLast(), count < most {
            count += 1
            guard depth < Self.depth else { continue }
            try? directory.forEachEntry { name in
                guard (try? directory.status(of: name))?.kind == .directory else { return }
                if let child = try? directory.directory(name) { open.append((child, depth + 1)) }
            }
        }
        return count
    }
}
