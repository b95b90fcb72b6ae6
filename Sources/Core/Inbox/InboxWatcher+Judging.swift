import CLinux
import Glibc
import SystemPackage

extension InboxWatcher {
    /// Files judged before somebody else has a turn; each may be read.
    private static let filesAtOnce = 32

    /// Until a file that is held back is looked at again. Not zero, whatever the quiet time is.
    private var pause: Duration { max(settling.period, .milliseconds(50)) }

    /// - Returns: whether there is more to do at once.
    func judge() -> Bool {
        for _ in 0..<Self.filesAtOnce {
            guard ready.count < limits.ready, let file = settling.popDue(at: clock.now) else { return false }
            do throws(Errno) { try judge(file) } catch { failedToJudge(file, error) }
        }
        return true
    }

    private func judge(_ file: InboxFile) throws(Errno) {
        guard let candidate = settling.candidates[file] else { return }
        let folder = try directory.directory(at: file.folders)
        let status = try way.status(of: file.name, in: folder)
        let appearance = Settling.Appearance(status)
        guard status.kind == .regular, appearance == candidate.appearance else {
            return note(file, .changed, status, in: folder)
        }
        let opened = try folder.openForReading(file.name)
        defer { close(opened.rawValue) }
        if hasWriter(opened) {
            return settling.hold(file, .writer, until: clock.now + pause)
        }
        let patienceEnds = candidate.changed + settings.truncated
        if clock.now < patienceEnds, let gap = try gap(of: opened, candidate) {
            return settling.hold(file, .gap(gap), until: min(clock.now + pause, patienceEnds))
        }
        settling.forget(file)
        ready.append(ReadyQueue.Entry(file: file, appearance: appearance, place: candidate.place))
    }

    /// A file that did not change is not read again.
    private func gap(of file: FileDescriptor, _ candidate: Settling.Candidate) throws(Errno) -> Gap? {
        if case .gap(let gap) = candidate.hold { return gap }
        return try Completeness.gap(of: file, size: candidate.appearance.size)
    }

    private func failedToJudge(_ file: InboxFile, _ error: Errno) {
        switch error {
        case .permissionDenied, .noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels: failed(file, error)
        // Out of descriptors or memory, the disk, the server: the moment is to blame, not the file.
        default: settling.hold(file, nil, until: clock.now + max(pause, limits.retry))
        }
    }

    /// Whether a file looks as it did when it was judged, and nobody has it open for writing.
    func isStillWhole(_ entry: ReadyQueue.Entry) -> Bool {
        guard let folder = try? directory.directory(at: entry.file.folders),
            let status = try? way.status(of: entry.file.name, in: folder), status.kind == .regular,
            Settling.Appearance(status) == entry.appearance,
            let opened = try? folder.openForReading(entry.file.name)
        else { return false }
        defer { close(opened.rawValue) }
        return !hasWriter(opened)
    }

    /// Whether a lease shows that the file is still open for writing; false where that cannot be told.
    func hasWriter(_ file: FileDescriptor) -> Bool { clinux_has_writer(file.rawValue) == 1 }
}
