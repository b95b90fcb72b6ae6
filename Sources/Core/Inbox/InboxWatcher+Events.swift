import Logging
import SystemPackage

extension InboxWatcher {
    /// Reads of 64 KiB each before somebody else has a turn.
    private static let readsAtOnce = 16

    /// - Returns: whether there may be more.
    func drain() throws -> Bool {
        for _ in 0..<Self.readsAtOnce {
            let records = try inotify.read()
            if records.isEmpty { return false }
            for record in records { handle(record) }
        }
        return true
    }

    private func handle(_ record: Inotify.Record) {
        if record.mask.contains(.overflow) { return overflowed() }
        guard let path = watched[record.watch] else { return }
        guard let name = record.name else { return changed(folder: path, record) }
        let file = InboxFile(folders: path, name: name)
        if path.isEmpty {
            // Its later events too: it is no file of anybody's.
            if isCookie(name) { return resumeCookie(name, true) }
            if name == InboxMarker.name { nextCheck = clock.now }
        }
        if record.mask.contains(.isDirectory) {
            changedFolder(file, record.mask)
        } else if record.mask.isDisjoint(with: [.movedFrom, .delete]) {
            appeared(file, record.mask.contains(.movedTo) ? .moved : .changed)
        } else {
            forget(file)
        }
    }

    private func overflowed() {
        overflows += 1
        logger.log(.eventsDropped, "the kernel dropped events; scanning the inbox")
        mustRescan = true
        // Theirs may be among those that were dropped. `mustRescan` makes their barriers wait for the scan.
        resumeAllCookies(true)
    }

    /// Something happened to a watched folder itself.
    private func changed(folder path: [FileName], _ record: Inotify.Record) {
        if record.mask.isDisjoint(with: [.deleteSelf, .moveSelf, .unmount, .ignored]) { return }
        // A folder that moved inside the inbox is announced by its new parent.
        if record.mask.contains(.ignored) { watched[record.watch] = nil }
        guard path.isEmpty else { return }
        if record.mask.contains(.ignored) {
            rootWatch = nil
            mustRescan = true
        }
        nextCheck = clock.now
    }

    /// Something happened to a folder inside a watched one.
    private func changedFolder(_ folder: InboxFile, _ mask: Inotify.Mask) {
        let path = folder.folders + [folder.name]
        if !mask.isDisjoint(with: [.movedFrom, .delete]) {
            sightings.forget(folder)
            // A deleted one was empty, and its own watch says so, too.
            if mask.contains(.movedFrom) { forget(below: path) }
        } else if IgnoredNames.pattern(for: folder.name) != nil {
            sight(folder, .ignored)
        } else if !mask.isDisjoint(with: [.create, .movedTo]) || sightings.contains(folder) {
            // Also where it could not be read and its mode changed.
            announce(path)
        }
    }

    private func announce(_ path: [FileName]) {
        guard announced.count < limits.known else {
            mustRescan = true
            return
        }
        announced.append(path)
    }

    /// Something happened to a file.
    ///
    /// - Parameter place: of a file that was known before.
    func appeared(_ file: InboxFile, _ sign: Settling.Sign, place: Settling.Place? = nil) {
        if IgnoredNames.pattern(for: file.name) != nil { return sight(file, .ignored) }
        do throws(Errno) {
            let folder = try directory.directory(at: file.folders)
            note(file, sign, try way.status(of: file.name, in: folder), in: folder, place: place)
        } catch {
            failed(file, error)
        }
    }

    /// Takes up a file that is to settle, or that stays for a reason.
    func note(
        _ file: InboxFile, _ sign: Settling.Sign, _ status: FileStatus, in folder: Directory,
        place: Settling.Place? = nil
    ) {
        let waiting = ready.remove(file)
        guard status.kind == .regular else {
            settling.forget(file)
            if status.kind != .directory { sight(file, .special, status) }
            return
        }
        guard folder.canRead(file.name) else {
            settling.forget(file)
            return sight(file, .unreadable, status)
        }
        sightings.forget(file)
        let place = place ?? waiting?.place
        guard settling.contains(file) || place != nil || settling.count < limits.known else {
            skipped = true
            return
        }
        settling.note(file, sign, Settling.Appearance(status), at: clock.now, place: place)
    }

    /// A file could not be looked at.
    func failed(_ file: InboxFile, _ error: Errno) {
        switch error {
        case .permissionDenied: sight(file, .unreadable)
        case .noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels: break
        default:
            // Out of descriptors, the disk: the moment is to blame.
            nextRescan = min(nextRescan, clock.now + limits.retry * 5)
        }
        forget(file, isSighted: error == .permissionDenied)
    }

    private func forget(_ file: InboxFile, isSighted: Bool = false) {
        ready.remove(file)
        settling.forget(file)
        if !isSighted { sightings.forget(file) }
    }

    private func forget(below folder: [FileName]) {
        for (watch, path) in watched where path.starts(with: folder) {
            inotify.unwatch(watch)
            watched[watch] = nil
        }
        unwatched = unwatched.filter { !$0.starts(with: folder) }
        // The rest of their entries would be taken for those of the old path.
        stopScanning(below: folder)
        settling.forget(below: folder)
        ready.remove(below: folder)
        sightings.forget(below: folder)
    }

    // MARK: - What stays

    /// Logs the first ones of each kind.
    private static let logged = 20

    func sight(_ file: InboxFile, _ kind: Sightings.Kind, _ status: FileStatus? = nil) {
        if file.folders.isEmpty, file.name == InboxMarker.name || file.name == IgnoredNames.receipt { return }
        let changed = status?.changed ?? Timestamp.now.milliseconds * 1_000_000
        guard sightings.note(file, kind, changed: changed), kind != .ignored else { return }
        let number = reports[kind, default: 0] + 1
        reports[kind] = number
        guard number <= Self.logged else { return }
        let more = number == Self.logged ? " Further ones are only counted." : ""
        logger.log(
            .fileLeftAlone, level: kind == .unreadable ? .warning : .notice,
            "\(file.text) stays in the inbox: \(verdict(on: file).sentence).\(more)",
            metadata: ["GRADCAM_IMAGE": .bytes(JournalBytes(file.bytes))])
    }
}
