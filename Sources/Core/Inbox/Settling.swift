/// Which files are whole: a file is when nothing happened to it for a while, it looks the same as at the start of
/// that while, and it holds something (browsers begin with an empty placeholder).
///
/// A value without clock or disk: both come as arguments. Time is monotonic, never the file's own.
package struct Settling {
    /// What must not change while a file settles.
    package struct Appearance: Equatable, Sendable {
        package var size: Int64
        package var modified: Int64
        package var inode: UInt64

        package init(size: Int64, modified: Int64, inode: UInt64) {
            self.size = size
            self.modified = modified
            self.inode = inode
        }

        package init(_ status: FileStatus) {
            self.init(size: status.size, modified: status.modified, inode: status.inode)
        }
    }

    /// How a file came to be known.
    package enum Sign: Sendable {
        /// Renamed into the inbox: whole at once, as a rule.
        case moved
        /// Written, linked, touched, or found by a scan.
        case changed
    }

    private struct Candidate {
        var appearance: Appearance
        var due: ContinuousClock.Instant
        /// Files are taken in the order in which they became known.
        let sequence: Int
    }

    private let period: Duration
    private var candidates: [InboxFile: Candidate] = [:]
    private var nextSequence = 0

    /// - Parameter period: the quiet time after writing; a third of it suffices after a rename.
    package init(period: Duration) { self.period = period }

    package var count: Int { candidates.count }

    package func contains(_ file: InboxFile) -> Bool { candidates[file] != nil }

    /// Something happened to the file: its quiet time begins anew.
    package mutating func note(
        _ file: InboxFile, _ sign: Sign, _ appearance: Appearance, at now: ContinuousClock.Instant
    ) {
        let sequence = candidates[file]?.sequence ?? nextSequence
        if sequence == nextSequence { nextSequence += 1 }
        let quiet = sign == .moved ? period / 3 : period
        candidates[file] = Candidate(appearance: appearance, due: now + quiet, sequence: sequence)
    }

    package mutating func forget(_ file: InboxFile) { candidates[file] = nil }

    /// Forgets everything below a folder that went away.
    package mutating func forget(below folders: [FileName]) {
        candidates = candidates.filter { !$0.key.folders.starts(with: folders) }
    }

    /// When a file's time comes next.
    package var nextDue: ContinuousClock.Instant? { candidates.values.map(\.due).min() }

    /// The files whose time has come, oldest first.
    package func due(at now: ContinuousClock.Instant) -> [InboxFile] {
        candidates.filter { $0.value.due <= now }.sorted { $0.value.sequence < $1.value.sequence }.map(\.key)
    }

    /// Judges a file whose time has come by how it looks now. A settled file is forgotten; another one waits again.
    package mutating func settle(
        _ file: InboxFile, _ appearance: Appearance, at now: ContinuousClock.Instant
    ) -> Bool {
        guard let candidate = candidates[file] else { return false }
        guard candidate.due <= now, candidate.appearance == appearance, appearance.size > 0 else {
            note(file, .changed, appearance, at: now)
            return false
        }
        candidates[file] = nil
        return true
    }

    /// A writer still has the file, or it cannot be read yet: look again after the quiet time.
    package mutating func postpone(_ file: InboxFile, at now: ContinuousClock.Instant) {
        candidates[file]?.due = now + period
    }
}
