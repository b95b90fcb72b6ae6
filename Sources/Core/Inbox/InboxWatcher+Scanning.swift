import Foundation
import Logging
import SystemPackage

extension InboxWatcher {
    /// Entries looked at before somebody else has a turn.
    private static let entriesAtOnce = 1_000
    /// Folders open at once: those on the way down, and some that events announced.
    private static let maximumOpenFolders = 64
    /// A paused scan goes on when this share of the room for names is free.
    private static let freeShare = 4

    /// A folder that is being scanned.
    struct OpenFolder {
        let path: [FileName]
        let directory: Directory
        let entries: DirectoryEntries
    }

    var isScanning: Bool { !scanned.isEmpty || !announced.isEmpty }

    /// Looks through the whole inbox soon.
    package func rescan() {
        mustRescan = true
        wake()
    }

    /// Looks at some more entries. One scan goes through everything, however much it is: where there is no room for
    /// more names it stands still in its place, and goes on when files were taken.
    ///
    /// - Returns: whether it can go on at once.
    func scanOn() -> Bool {
        if isPaused {
            guard settling.count <= limits.known - limits.known / Self.freeShare else { return false }
            isPaused = false
        }
        beginDueScan()
        for _ in 0..<Self.entriesAtOnce {
            openAnnounced()
            guard let folder = scanned.last else { return false }
            guard settling.count < limits.known else {
                isPaused = true
                return false
            }
            do throws(Errno) {
                if let name = try folder.entries.next() {
                    see(name, in: folder)
                } else {
                    leave()
                }
            } catch {
                failed(folder: folder.path, error)
                leave()
            }
        }
        return true
    }

    /// Network file systems, and folders without a watch: what is new there nobody tells.
    func poll() {
        nextPoll = clock.now + settings.poll
        if way.polls {
            if !isScanning { mustRescan = true }
        } else if !isScanning {
            // A folder below another one of them is looked at with it.
            announced += unwatched.filter { path in
                !path.indices.contains { unwatched.contains(Array(path[..<$0])) }
            }
        }
    }

    private func beginDueScan() {
        guard !isFullScan else { return }
        let hasRoomAgain = skipped && settling.count <= limits.known / 2
        guard mustRescan || hasRoomAgain || clock.now >= nextRescan else { return }
        nextRescan = clock.now + settings.rescan
        guard let folder = opened([], directory) else { return }
        scanNumber += 1
        isFullScan = true
        hasScanFailed = false
        mustRescan = false
        skipped = false
        sightings.beginFullScan()
        // Under whatever events announced, which ends the sooner.
        scanned.insert(folder, at: 0)
    }

    private func openAnnounced() {
        let wasScanning = isScanning
        while scanned.count < Self.maximumOpenFolders, let path = announced.popLast() {
            guard path.count <= limits.depth else {
                sight(path, .tooDeep)
                continue
            }
            do throws(Errno) {
                enter(path, try directory.directory(at: path))
            } catch {
                failed(folder: path, error)
            }
        }
        if wasScanning, !isScanning { ended() }
    }

    private func enter(_ path: [FileName], _ folder: Directory) {
        if let name = path.last { sightings.forget(InboxFile(folders: path.dropLast(), name: name)) }
        if let open = opened(path, folder) { scanned.append(open) }
    }

    /// Watches the folder before it is read.
    private func opened(_ path: [FileName], _ folder: Directory) -> OpenFolder? {
        if way.usesInotify { watch(path, folder) }
        do throws(Errno) {
            return OpenFolder(path: path, directory: folder, entries: try DirectoryEntries(of: folder))
        } catch {
            failed(folder: path, error)
            return nil
        }
    }

    private func leave() {
        scanned.removeLast()
        if !isScanning { ended() }
    }

    func stopScanning(below folder: [FileName]) {
        let wasScanning = isScanning
        scanned.removeAll { $0.path.starts(with: folder) }
        if wasScanning, !isScanning { ended() }
    }

    private func ended() {
        idleCount += 1
        if isFullScan {
            isFullScan = false
            if !hasScanFailed {
                completedScan = scanNumber
                sightings.endFullScan()
                lastFault = nil
            }
        }
        resolveBarriers()
    }

    private func see(_ name: FileName, in folder: OpenFolder) {
        let file = InboxFile(folders: folder.path, name: name)
        if folder.path.isEmpty, isStaleCookie(name) {
            try? folder.directory.remove(name)
            return
        }
        if settling.contains(file) || ready.contains(file) || handedOut[file] != nil { return }
        do throws(Errno) {
            let status = try way.status(of: name, in: folder.directory)
            if IgnoredNames.pattern(for: name) != nil {
                sight(file, .ignored, status)
            } else if status.kind == .directory {
                try enter(file, in: folder)
            } else if status.kind != .regular || !isKnown(status) {
                note(file, .changed, status, in: folder.directory)
            }
        } catch {
            failed(file, error)
        }
    }

    private func enter(_ file: InboxFile, in folder: OpenFolder) throws(Errno) {
        guard folder.path.count < limits.depth else { return sight(file, .tooDeep) }
        enter(folder.path + [file.name], try folder.directory.directory(file.name))
    }

    private func failed(folder path: [FileName], _ error: Errno) {
        switch error {
        // It went away again; its parent says so.
        case .noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels: break
        case .permissionDenied where !path.isEmpty: sight(path, .unreadable)
        default:
            hasScanFailed = true
            let fault = "cannot look into \(text(of: path)): \(error). It is tried again."
            let isNews = fault != lastFault
            if isNews { logger.log(.folderNotRead, "\(fault)") }
            lastFault = fault
            // A folder that stays broken must not keep us scanning.
            nextRescan = min(nextRescan, clock.now + limits.retry * (isNews ? 1 : 10))
        }
    }

    private func sight(_ path: [FileName], _ kind: Sightings.Kind) {
        guard let name = path.last else { return }
        sight(InboxFile(folders: path.dropLast(), name: name), kind)
    }

    private func text(of folder: [FileName]) -> String {
        "inbox/" + folder.map(\.text).joined(separator: "/")
    }

    // MARK: - Watches

    private func watch(_ path: [FileName], _ folder: Directory) {
        do throws(Errno) {
            let watch = try inotify.watch(folder)
            watched[watch] = path
            unwatched.remove(path)
            if path.isEmpty { rootWatch = watch }
        } catch {
            // Of too many only the inbox as a whole is remembered.
            if unwatched.count < limits.known { unwatched.insert(path) } else { unwatched = [[]] }
            guard !hasWarnedOfWatches else { return }
            hasWarnedOfWatches = true
            let limit = (try? String(contentsOfFile: "/proc/sys/fs/inotify/max_user_watches", encoding: .utf8)) ?? "?"
            logger.log(
                .watchesExhausted,
                error == .noSpace
                    ? """
                    no more inotify watches: \(text(of: path)), and whatever else cannot be watched, is looked at \
                    every \(settings.poll.inSeconds) s instead. Raise the sysctl fs.inotify.max_user_watches, which \
                    is \(limit.trimmingCharacters(in: .whitespacesAndNewlines)).
                    """
                    : "cannot watch \(text(of: path)): \(error). It is looked at every \(settings.poll.inSeconds) s.")
        }
    }
}
