import HeapModule

/// Which files are whole: a file is when nothing happened to it for a while, it looks the same as at the start of
/// that while, and nothing else holds it back.
///
/// A value without clock or disk: both come as arguments. Time is monotonic, never the file's own. Its cost for each
/// file does not depend on how many there are.
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

    /// Why a file is not whole although its quiet time is over.
    package enum Hold: Equatable, Sendable {
        case writer
        case gap(Gap)
    }

    package struct Candidate: Sendable {
        package fileprivate(set) var appearance: Appearance
        /// When something happened to it last.
        package fileprivate(set) var changed: ContinuousClock.Instant
        /// When it is to be looked at.
        package fileprivate(set) var due: ContinuousClock.Instant
        package fileprivate(set) var hold: Hold?
        package let place: Place
        /// The moment of its earliest entry in the heap.
        fileprivate var scheduled: ContinuousClock.Instant?
    }

    /// When a file became known, and its number in that order. It keeps both whatever happens to it.
    package struct Place: Equatable, Sendable {
        package let sequence: Int
        package let since: ContinuousClock.Instant
    }

    /// Entries are not taken out when a file's time changes: those that do not hold any more are passed over.
    private struct Entry: Comparable {
        let due: ContinuousClock.Instant
        let sequence: Int
        let file: InboxFile

        static func < (left: Entry, right: Entry) -> Bool {
            (left.due, left.sequence) < (right.due, right.sequence)
        }

        static func == (left: Entry, right: Entry) -> Bool {
            (left.due, left.sequence) == (right.due, right.sequence)
        }
    }

    /// The quiet time after writing, and after a rename.
    package private(set) var period: Duration
    package private(set) var periodAfterMove: Duration
    package private(set) var candidates: [InboxFile: Candidate] = [:]
    /// Of the file that becomes known next.
    package private(set) var nextSequence = 0
    private var schedule = Heap<Entry>()

    /// - Parameter period: the quiet time after writing; a third of it suffices after a rename.
    package init(period: Duration) {
        self.period = period
        periodAfterMove = period / 3
    }

    /// For files from here on. One that settles is not kept for longer than its new quiet time.
    package mutating func setPeriod(_ period: Duration, afterMove periodAfterMove: Duration) {
        self.period = period
        self.periodAfterMove = periodAfterMove
        for (file, candidate) in candidates where candidate.hold == nil && candidate.due > candidate.changed + period {
            candidates[file]?.due = candidate.changed + period
            putIntoSchedule(file)
        }
    }

    package var count: Int { candidates.count }

    package func contains(_ file: InboxFile) -> Bool { candidates[file] != nil }

    /// Something happened to the file: its quiet time begins anew.
    ///
    /// - Parameter place: of a file that was known before.
    package mutating func note(
        _ file: InboxFile, _ sign: Sign, _ appearance: Appearance, at now: ContinuousClock.Instant,
        place: Place? = nil
    ) {
        let known = candidates[file]
        let place = known?.place ?? place ?? Place(sequence: nextSequence, since: now)
        nextSequence = max(nextSequence, place.sequence + 1)
        let due = now + (sign == .moved ? periodAfterMove : period)
        candidates[file] = Candidate(
            appearance: appearance, changed: now, due: due, place: place, scheduled: known?.scheduled)
        putIntoSchedule(file)
    }

    /// The file's quiet time is over, but it is not whole: look again at that moment.
    package mutating func hold(_ file: InboxFile, _ hold: Hold?, until due: ContinuousClock.Instant) {
        candidates[file]?.hold = hold
        candidates[file]?.due = due
        putIntoSchedule(file)
    }

    @discardableResult
    package mutating func forget(_ file: InboxFile) -> Candidate? { candidates.removeValue(forKey: file) }

    /// Forgets everything below a folder that went away.
    package mutating func forget(below folders: [FileName]) {
        candidates = candidates.filter { !$0.key.folders.starts(with: folders) }
    }

    package mutating func forgetAll() {
        candidates = [:]
        schedule = Heap()
    }

    /// When a file's time comes next.
    package var nextDue: ContinuousClock.Instant? {
        mutating get {
            dropStaleEntries()
            return schedule.min?.due
        }
    }

    /// A file whose time has come, the one that was quiet for longest first. It stays known, but is not named again
    /// before `note` or `hold`.
    package mutating func popDue(at now: ContinuousClock.Instant) -> InboxFile? {
        dropStaleEntries()
        guard let entry = schedule.min, entry.due <= now else { return nil }
        schedule.removeMin()
        candidates[entry.file]?.scheduled = nil
        return entry.file
    }

    /// Until the earliest entry says when its file is due.
    private mutating func dropStaleEntries() {
        while let entry = schedule.min {
            guard let candidate = candidates[entry.file], candidate.place.sequence == entry.sequence,
                candidate.scheduled == entry.due
            else {
                schedule.removeMin()
                continue
            }
            if candidate.due <= entry.due { return }
            schedule.removeMin()
            candidates[entry.file]?.scheduled = nil
            putIntoSchedule(entry.file)
        }
    }

    /// A file whose time was put off keeps its entry until that comes up: thousands of events for a file make one.
    private mutating func putIntoSchedule(_ file: InboxFile) {
        guard let candidate = candidates[file] else { return }
        if let scheduled = candidate.scheduled, scheduled <= candidate.due { return }
        candidates[file]?.scheduled = candidate.due
        schedule.insert(Entry(due: candidate.due, sequence: candidate.place.sequence, file: file))
        if schedule.count > 2 * candidates.count + 1_000 { rebuildSchedule() }
    }

    private mutating func rebuildSchedule() {
        schedule = Heap(
            candidates.compactMap { file, candidate in
                candidate.scheduled.map { Entry(due: $0, sequence: candidate.place.sequence, file: file) }
            })
    }
}
