import Glibc
import SystemPackage

/// What the watcher says of the inbox to those who ask.
extension InboxWatcher {
    /// Why a file is still there, or that it is not. Looks at the file itself.
    package func verdict(on file: InboxFile) -> InboxVerdict {
        if let missing { return .inboxMissing(reason: missing) }
        if let pattern = IgnoredNames.pattern(for: file) { return exists(file) ? .ignored(pattern: pattern) : .absent }
        var folder = directory
        do throws(Errno) {
            for name in file.folders {
                let status = try folder.status(of: name)
                switch status.kind {
                case .directory: break
                case .symbolicLink: return .symbolicLink
                default: return .absent
                }
                do throws(Errno) { folder = try folder.directory(name) } catch .permissionDenied {
                    return .unreadable(mode: status.mode, owner: status.owner)
                }
            }
            return try verdict(on: file, in: folder)
        } catch .noSuchFileOrDirectory {
            return .absent
        } catch .permissionDenied {
            // A folder whose names may be read, and whose files may not.
            return unreadable(folder)
        } catch {
            return .failing(error: "\(error)")
        }
    }

    private func verdict(on file: InboxFile, in folder: Directory) throws(Errno) -> InboxVerdict {
        let status = try way.status(of: file.name, in: folder)
        let isReadable = folder.canRead(file.name)
        switch status.kind {
        case .symbolicLink: return .symbolicLink
        case .regular: break
        case .directory:
            if file.folders.count >= limits.depth { return .tooDeep(limit: limits.depth) }
            return isReadable ? .directory : .unreadable(mode: status.mode, owner: status.owner)
        default: return .notRegular(kind: status.kind.rawValue)
        }
        if file.folders.count > limits.depth { return .tooDeep(limit: limits.depth) }
        guard isReadable else { return .unreadable(mode: status.mode, owner: status.owner) }
        if let position = ready.position(of: file) { return .ready(position: position + 1) }
        if isOpenForWriting(file, in: folder) { return .openForWriting }
        if let candidate = settling.candidates[file] { return verdict(on: candidate) }
        return handedOut[file] == nil ? .notYetSeen : .handedOut
    }

    private func verdict(on candidate: Settling.Candidate) -> InboxVerdict {
        let now = clock.now
        if case .gap(let gap) = candidate.hold {
            let end = candidate.changed + settings.truncated
            return .incomplete(gap, waits: max(0, now.duration(to: end).inSeconds))
        }
        return .settling(
            quiet: candidate.changed.duration(to: now).inSeconds,
            needed: candidate.changed.duration(to: candidate.due).inSeconds)
    }

    private func exists(_ file: InboxFile) -> Bool {
        guard let folder = try? directory.directory(at: file.folders) else { return false }
        return (try? folder.status(of: file.name)) != nil
    }

    private func isOpenForWriting(_ file: InboxFile, in folder: Directory) -> Bool {
        guard let opened = try? folder.openForReading(file.name) else { return false }
        defer { close(opened.rawValue) }
        return hasWriter(opened)
    }

    private func unreadable(_ folder: Directory) -> InboxVerdict {
        var status = stat()
        guard fstat(folder.descriptor, &status) == 0 else { return .failing(error: "\(Errno(rawValue: errno))") }
        return .unreadable(mode: status.st_mode & 0o7777, owner: status.st_uid)
    }

    /// Files that are settling or whole, and whether there are more than those.
    package var queue: (count: Int, isLeftOut: Bool) { (settling.count + ready.count, isPaused || skipped) }

    package var snapshot: InboxSnapshot {
        let holds = settling.candidates.values.compactMap(\.hold)
        let writers = holds.count { $0 == .writer }
        let hourAgo = Timestamp.now.milliseconds * 1_000_000 - Int64(limits.ignored / .nanoseconds(1))
        return InboxSnapshot(
            state: state, settling: settling.count, ready: ready.count, oldestSeconds: oldestSeconds,
            isLeftOut: isPaused || skipped,
            isScanning: isScanning, overflows: overflows, watches: watched.count, unwatchedFolders: unwatched.count,
            openForWriting: writers, incomplete: holds.count - writers,
            unreadable: sightings.report(.unreadable),
            ignored: sightings.report(.ignored, changedBefore: hourAgo), special: sightings.report(.special),
            tooDeep: sightings.report(.tooDeep))
    }

    private var oldestSeconds: Double? {
        let places =
            settling.candidates.values.lazy.map(\.place) + ready.entries.map(\.place) + Array(handedOut.values)
        return places.map(\.since).min().map { (clock.now - $0).inSeconds }
    }

    private var state: InboxSnapshot.State {
        if let missing { return .missing(reason: missing) }
        return way.pollingReason.map { .polling(reason: $0) } ?? .watching
    }
}

extension Directory {
    /// Whether this process may read the entry; true where there is none.
    func canRead(_ name: FileName) -> Bool {
        // By the real user's rights, which are the daemon's.
        name.withPlatformString { faccessat(descriptor, $0, R_OK, 0) } == 0 || errno != EACCES
    }

    /// - Throws: `EEXIST` where there is something of that name.
    func makeEmptyFile(_ name: FileName) throws(Errno) {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        close(try Errno.check(name.withPlatformString { openat(descriptor, $0, flags, 0o600) }))
    }
}
