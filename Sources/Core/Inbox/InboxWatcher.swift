import CLinux
import Glibc
package import Logging
package import SystemPackage

/// Hands out the files of the inbox, each when it is whole.
///
/// A directory is watched first and scanned afterwards, both through the same descriptor: what was there and what
/// comes meanwhile are both found. The inbox itself is the queue; here are only the names of files that settle.
package actor InboxWatcher {
    /// Names kept at most; the rest stays in the directory until a later scan.
    private static let capacity = 10_000
    /// Folders below folders; a deeper one is reported and left alone.
    private static let maximumDepth = 32
    /// Files judged at once.
    private static let batch = 64

    private let executor = ThreadExecutor(name: "inbox")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let inbox: Directory
    private let inotify: Inotify
    private let wakeups: Wakeups
    private let rescanPeriod: Duration
    private let logger: Logger
    private let clock = ContinuousClock()

    private var settling: Settling
    private var ready: [InboxFile] = []
    private var folders: [Int32: [FileName]] = [:]
    private var nextRescan: ContinuousClock.Instant
    private var mustRescan = true
    /// There were more files than `capacity`.
    private var leftOut = false
    private var reported: Set<InboxFile> = []

    /// - Parameters:
    ///   - settle: quiet time after which a file is whole.
    ///   - rescan: how often the whole inbox is looked through all the same.
    package init(inbox: Directory, settle: Duration, rescan: Duration, logger: Logger) throws(Errno) {
        self.inbox = inbox
        self.logger = logger
        inotify = try Inotify()
        wakeups = Wakeups(descriptor: inotify.descriptor)
        settling = Settling(period: settle)
        rescanPeriod = rescan
        nextRescan = .now + rescan
        // A writer that comes while a lease is held would otherwise end the process: fcntl(2), F_SETLEASE.
        signal(SIGIO, SIG_IGN)
    }

    /// Watches and scans for the first time: from now on nothing is missed.
    package func start() throws { try rescan() }

    /// Files that are known and not yet whole.
    package var settlingCount: Int { settling.count + ready.count }

    /// Answers as soon as the file system lets it: whether the watcher is alive.
    package func ping() {}

    /// The next whole file. Waits until there is one.
    ///
    /// - Returns: `nil` where the task was cancelled.
    /// - Throws: `InboxError.vanished`, or what the kernel says about the inbox itself.
    package func next() async throws -> InboxFile? {
        while !Task.isCancelled {
            try drain()
            let hasRoomAgain = leftOut && settling.count < Self.capacity / 2
            if mustRescan || hasRoomAgain || clock.now >= nextRescan { try rescan() }
            if ready.isEmpty { judge() }
            if !ready.isEmpty { return ready.removeFirst() }
            let due = min(settling.nextDue ?? nextRescan, nextRescan)
            guard await wakeups.sleep(until: due) else { return nil }
        }
        return nil
    }

    /// A claim did not succeed: the file is looked at again after its quiet time.
    package func putBack(_ file: InboxFile) { appeared(file, .changed) }

    // MARK: - Events

    private func drain() throws {
        while true {
            let records = try inotify.read()
            if records.isEmpty { return }
            for record in records { try handle(record) }
        }
    }

    private func handle(_ record: Inotify.Record) throws {
        if record.mask.contains(.overflow) {
            logger.notice("the kernel dropped events; scanning the inbox")
            mustRescan = true
            return
        }
        guard let path = folders[record.watch] else { return }
        if !record.mask.isDisjoint(with: [.deleteSelf, .moveSelf, .unmount, .ignored]) {
            if path.isEmpty { throw InboxError.vanished(inbox.path) }
            // A folder that moved inside the inbox is announced by its new parent.
            if record.mask.contains(.ignored) { folders[record.watch] = nil }
            return
        }
        guard let name = record.name else { return }
        let file = InboxFile(folders: path, name: name)
        if record.mask.contains(.isDirectory) {
            if !record.mask.isDisjoint(with: [.create, .movedTo]) { watch(folder: path + [name]) }
            if !record.mask.isDisjoint(with: [.movedFrom, .delete]) { forget(folder: path + [name]) }
        } else if !record.mask.isDisjoint(with: [.movedFrom, .delete]) {
            ready.removeAll { $0 == file }
            settling.forget(file)
        } else {
            appeared(file, record.mask.contains(.movedTo) ? .moved : .changed)
        }
    }

    private func appeared(_ file: InboxFile, _ sign: Settling.Sign) {
        guard IgnoredNames.reason(for: file.name) == nil else { return }
        guard let status = try? inbox.directory(at: file.folders).status(of: file.name) else { return }
        guard status.kind == .regular else { return report(file, status) }
        ready.removeAll { $0 == file }
        guard settling.contains(file) || settling.count < Self.capacity else {
            leftOut = true
            return
        }
        settling.note(file, sign, Settling.Appearance(status), at: clock.now)
    }

    private func report(_ file: InboxFile, _ status: FileStatus) {
        guard reported.count < Self.capacity, reported.insert(file).inserted else { return }
        let kind = status.kind == .symbolicLink ? "a symbolic link, which is never followed" : "not a regular file"
        logger.notice("\(file.text) stays in the inbox: it is \(kind)")
    }

    // MARK: - Scanning

    private func rescan() throws {
        mustRescan = false
        leftOut = false
        nextRescan = clock.now + rescanPeriod
        try watchAndScan([], inbox)
    }

    private func watch(folder: [FileName]) {
        do { try watchAndScan(folder, inbox.directory(at: folder)) } catch Errno.noSuchFileOrDirectory {
            // It went away again; its parent says so.
        } catch {
            logger.warning("cannot look into \(text(of: folder)): \(error)")
        }
    }

    /// Watches a folder and everything below it, then looks at what is there.
    private func watchAndScan(_ top: [FileName], _ directory: Directory) throws {
        var open = [Folder(path: top, directory: directory)]
        while let folder = open.popLast() {
            do {
                folders[try inotify.watch(folder.directory)] = folder.path
            } catch {
                guard error == .noSpace else { throw error }
                logger.warning(
                    """
                    no more watches: \(text(of: folder.path)) is looked at every \(rescanPeriod.inSeconds) s only. \
                    Raise the sysctl fs.inotify.max_user_watches.
                    """)
            }
            open += try scan(folder)
        }
    }

    private struct Folder {
        let path: [FileName]
        let directory: Directory
    }

    /// - Returns: the folders in this folder.
    private func scan(_ folder: Folder) throws -> [Folder] {
        var children: [Folder] = []
        try folder.directory.forEachEntry { name in
            let file = InboxFile(folders: folder.path, name: name)
            guard IgnoredNames.reason(for: name) == nil, !settling.contains(file), !ready.contains(file),
                let status = try? folder.directory.status(of: name)
            else { return }
            if status.kind == .directory, folder.path.count < Self.maximumDepth {
                if let child = try? folder.directory.directory(name) {
                    children.append(Folder(path: folder.path + [name], directory: child))
                }
            } else if status.kind == .regular, settling.count < Self.capacity {
                settling.note(file, .changed, Settling.Appearance(status), at: clock.now)
            } else if status.kind == .regular {
                leftOut = true
            } else {
                report(file, status)
            }
        }
        return children
    }

    private func forget(folder: [FileName]) {
        for (watch, path) in folders where path.starts(with: folder) {
            inotify.unwatch(watch)
            folders[watch] = nil
        }
        settling.forget(below: folder)
        ready.removeAll { $0.folders.starts(with: folder) }
    }

    private func text(of folder: [FileName]) -> String {
        "inbox/" + folder.map(\.text).joined(separator: "/")
    }

    // MARK: - Judging

    private func judge() {
        let now = clock.now
        for file in settling.due(at: now).prefix(Self.batch) {
            do {
                let directory = try inbox.directory(at: file.folders)
                let status = try directory.status(of: file.name)
                guard status.kind == .regular else {
                    settling.forget(file)
                    continue
                }
                if try hasWriter(file.name, in: directory) {
                    settling.postpone(file, at: now)
                } else if settling.settle(file, Settling.Appearance(status), at: now) {
                    ready.append(file)
                }
            } catch .permissionDenied {
                if reported.insert(file).inserted {
                    logger.warning(
                        "\(file.text) cannot be read. It waits in the inbox: give the daemon's group read access.")
                }
                settling.postpone(file, at: now)
            } catch {
                settling.forget(file)
            }
        }
    }

    /// Whether a lease shows that the file is still open for writing; false where that cannot be told.
    private func hasWriter(_ name: FileName, in directory: Directory) throws(Errno) -> Bool {
        let file = try directory.openForReading(name)
        defer { close(file.rawValue) }
        return clinux_has_writer(file.rawValue) == 1
    }
}

/// The inbox itself is not what it should be.
package enum InboxError: Error, CustomStringConvertible {
    case vanished(FilePath)

    package var description: String {
        switch self {
        case .vanished(let path):
            "the inbox \(path) was moved, deleted or unmounted. Bring it back; the service starts again by itself."
        }
    }
}
