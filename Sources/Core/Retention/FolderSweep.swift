import SystemPackage

/// One walk through `done/`, `outbox/` or `failed/`, which removes what is too old, and then the oldest until the rest
/// is small enough. Memory does not grow with the number of files.
final class FolderSweep {
    enum Kind { case originals, overlays, failed }

    let folder: Directory
    let kind: Kind
    let limit: RetentionPolicy.Limit
    let now: Timestamp
    let store: Store
    let pause: () throws -> Void

    private(set) var removed = Removed.Count()
    /// Paths of what is not ours; at most some of them.
    private(set) var foreign: [String] = []
    /// The first file that could not be removed, and why.
    private(set) var firstFailure: (path: String, error: Errno)?
    /// Bytes of what was kept, by day.
    private var kept: [FileName: Int64] = [:]

    init(
        folder: Directory, kind: Kind, limit: RetentionPolicy.Limit, now: Timestamp, store: Store,
        pause: @escaping () throws -> Void
    ) {
        self.folder = folder
        self.kind = kind
        self.limit = limit
        self.now = now
        self.store = store
        self.pause = pause
    }

    func run() throws {
        let judgement = Judgement(
            cutoff: limit.days > 0 ? now.advanced(byDays: -limit.days) : nil,
            orphans: kind == .overlays ? now.advanced(byDays: -1) : nil, origin: try store.origin())
        if kind == .failed {
            try removeOld(in: folder, day: nil, judgement)
            return
        }
        let days = try days()
        for day in days { try removeOld(day: day, judgement) }
        guard limit.bytes > 0 else { return }
        var excess = kept.values.reduce(0, +) - Int64(limit.bytes)
        for day in days where excess > 0 { try removeOldest(day: day, &excess) }
    }

    /// The folders named by a day, in its order.
    private func days() throws -> [FileName] {
        var days: [FileName] = []
        var others: [FileName] = []
        try folder.forEachEntry { name in
            if name.text.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}/) != nil {
                days.append(name)
            } else if !name.bytes.starts(with: OutputNames.temporaryPrefix.utf8), others.count < Self.reportedAtMost {
                others.append(name)
            }
        }
        for name in others { report(folder.path.appending(name)) }
        return days.sorted { $0.text < $1.text }
    }

    // MARK: - By age

    private func removeOld(day: FileName, _ judgement: Judgement) throws {
        let directory: Directory
        do { directory = try folder.directory(day) } catch .noSuchFileOrDirectory { return } catch .notDirectory {
            return report(folder.path.appending(day))
        } catch .tooManySymbolicLinkLevels {
            return report(folder.path.appending(day))
        }
        try removeOld(in: directory, day: day, judgement)
        removeIfEmpty(day)
    }

    private func removeOld(in directory: Directory, day: FileName?, _ judgement: Judgement) throws {
        var batch: [Candidate] = []
        try directory.forEachEntry { name in
            guard let candidate = try candidate(name, in: directory, day: day) else { return }
            batch.append(candidate)
            guard batch.count == Retention.batch else { return }
            try removeOld(batch, in: directory, day: day, judgement)
            batch.removeAll(keepingCapacity: true)
        }
        try removeOld(batch, in: directory, day: day, judgement)
    }

    private func removeOld(
        _ batch: [Candidate], in directory: Directory, day: FileName?, _ judgement: Judgement
    ) throws {
        guard !batch.isEmpty else { return }
        let rows = try store.retainedRows(Array(Set(batch.map(\.file.id))))
        let judged = batch.map { candidate in
            let row = rows[candidate.file.id].flatMap { $0.owns(candidate.file, in: day) ? $0 : nil }
            return (candidate, row, judgement.isToGo(candidate, row))
        }
        try remove(judged.filter(\.2).map { ($0.0, $0.1) }, in: directory)
        if let day { kept[day, default: 0] += judged.reduce(0) { $1.2 ? $0 : $0 + $1.0.share } }
        try pause()
    }

    // MARK: - By size

    /// Names that are sorted at once.
    private static let sortedAtOnce = 16_384

    private func removeOldest(day: FileName, _ excess: inout Int64) throws {
        let directory: Directory
        do { directory = try folder.directory(day) } catch { return }
        while excess > 0 {
            let oldest = try oldest(in: directory, day: day)
            guard !oldest.isEmpty else { break }
            let before = removed.files
            var rest = oldest[...]
            while excess > 0, !rest.isEmpty {
                var batch: [Candidate] = []
                // All files of an image go together.
                while let next = rest.first,
                    next.file.id == batch.last?.file.id || (excess > 0 && batch.count < Retention.batch)
                {
                    batch.append(next)
                    excess -= next.share
                    rest = rest.dropFirst()
                }
                let rows = try store.retainedRows(Array(Set(batch.map(\.file.id))))
                let going = batch.compactMap { candidate -> (Candidate, RetainedRow?)? in
                    let row = rows[candidate.file.id].flatMap { $0.owns(candidate.file, in: day) ? $0 : nil }
                    // What is not finished stays, and its bytes with it.
                    if let row, row.finishedAt == nil {
                        excess += candidate.share
                        return nil
                    }
                    return (candidate, row)
                }
                try remove(going, in: directory)
                try pause()
            }
            // Nothing but files that stay: those would come again.
            if removed.files == before || oldest.count < Self.sortedAtOnce { break }
        }
        removeIfEmpty(day)
    }

    /// The files with the lowest ids, in their order.
    private func oldest(in directory: Directory, day: FileName) throws -> [Candidate] {
        var oldest: [Candidate] = []
        let order: (Candidate, Candidate) -> Bool = { $0.file.id < $1.file.id }
        try directory.forEachEntry { name in
            guard let candidate = try candidate(name, in: directory, day: day) else { return }
            oldest.append(candidate)
            guard oldest.count >= 2 * Self.sortedAtOnce else { return }
            oldest.sort(by: order)
            oldest.removeLast(oldest.count - Self.sortedAtOnce)
            try pause()
        }
        return Array(oldest.sorted(by: order).prefix(Self.sortedAtOnce))
    }

    // MARK: - Files

    /// A file of ours.
    struct Candidate {
        let file: ArchivedFile
        /// The later of its own time, its reason's, and the end of its folder's day.
        let moment: Timestamp
        /// The folder that it is in.
        let day: FileName?
        /// Of its bytes, where several names lead to them.
        let share: Int64
    }

    /// - Returns: `nil` for what is not ours.
    private func candidate(
        _ name: FileName, in directory: Directory, day: FileName?
    ) throws(Errno) -> Candidate? {
        guard let file = kind == .overlays ? ArchivedFile(output: name) : ArchivedFile(original: name) else {
            report(directory.path.appending(name))
            return nil
        }
        let status: FileStatus
        do { status = try directory.status(of: name) } catch .noSuchFileOrDirectory { return nil }
        guard status.kind == .regular else {
            report(directory.path.appending(name))
            return nil
        }
        var moment = Timestamp(nanoseconds: status.modified)
        // An original keeps the time that it came with, which may be years ago. It was set aside when its reason was
        // written, and claimed on its folder's day.
        if kind == .failed, let reason = try? directory.status(of: file.reason) {
            moment = max(moment, Timestamp(nanoseconds: reason.modified))
        }
        if let day, let start = Timestamp(startOf: day) { moment = max(moment, start.advanced(byDays: 1)) }
        return Candidate(
            file: file, moment: moment, day: day, share: status.size / Int64(clamping: max(1, status.links)))
    }

    private func remove(_ files: [(Candidate, RetainedRow?)], in directory: Directory) throws {
        guard !files.isEmpty else { return }
        // Before the first file goes: a row never points to an overlay that is not there.
        let pointing = files.filter { candidate, row in row?.overlays.contains(candidate.file.name) == true }
        try store.forgetOverlays(of: Array(Set(pointing.map(\.0.file.id))))
        if !pointing.isEmpty { try pause() }
        for (candidate, _) in files {
            do {
                try directory.remove(candidate.file.name)
                removed.files += 1
                removed.bytes += candidate.share
            } catch .noSuchFileOrDirectory {
                // Somebody was quicker.
            } catch {
                note(error, directory.path.appending(candidate.file.name))
            }
        }
    }

    /// Only of days that are over: an image that is claimed now gets today's. A folder with something in it stays.
    private func removeIfEmpty(_ day: FileName) {
        guard day.text < now.day.text else { return }
        do { try folder.removeDirectory(day) } catch .directoryNotEmpty {} catch .noSuchFileOrDirectory {} catch {
            note(error, folder.path.appending(day))
        }
    }

    private func note(_ error: Errno, _ path: FilePath) {
        if firstFailure == nil { firstFailure = (path.string.readable, error) }
    }

    private static let reportedAtMost = 100

    private func report(_ path: FilePath) {
        if foreign.count < Self.reportedAtMost { foreign.append(path.string.readable) }
    }
}
