/// What lies in the inbox and is not taken, so that nothing stays there in silence. Bounded: of very many it knows
/// the number and some of the names. Each full scan confirms what is still there.
struct Sightings {
    enum Kind: CaseIterable { case unreadable, ignored, special, tooDeep }

    private struct Sighting {
        var kind: Kind
        /// Nanoseconds since 1970, of the inode's last change.
        var changed: Int64
        var scan: Int
    }

    /// Names kept of all kinds together.
    private static let capacity = 1_000

    private var known: [InboxFile: Sighting] = [:]
    /// Those beyond the capacity, by the last full scan, and by the one that runs.
    private var beyond: [Kind: Int] = [:]
    private var beyondSoFar: [Kind: Int] = [:]
    private var scan = 0

    func contains(_ file: InboxFile) -> Bool { known[file] != nil }

    /// - Returns: whether it is news.
    @discardableResult
    mutating func note(_ file: InboxFile, _ kind: Kind, changed: Int64) -> Bool {
        let isNews = known[file]?.kind != kind
        if isNews, known[file] == nil, known.count >= Self.capacity {
            beyondSoFar[kind, default: 0] += 1
            return false
        }
        known[file] = Sighting(kind: kind, changed: changed, scan: scan)
        return isNews
    }

    mutating func forget(_ file: InboxFile) { known[file] = nil }

    mutating func forget(below folders: [FileName]) {
        known = known.filter { !$0.key.folders.starts(with: folders) }
    }

    mutating func forgetAll() { self = Sightings() }

    mutating func beginFullScan() {
        scan += 1
        beyondSoFar = [:]
    }

    /// Drops what the scan did not find again.
    mutating func endFullScan() {
        known = known.filter { $0.value.scan == scan }
        beyond = beyondSoFar
    }

    var files: some Collection<InboxFile> { known.keys }

    /// - Parameter changedBefore: nanoseconds since 1970.
    func report(_ kind: Kind, changedBefore moment: Int64 = .max) -> InboxSnapshot.Files {
        let files = known.filter { $0.value.kind == kind && $0.value.changed < moment }.keys.map(\.text).sorted()
        return InboxSnapshot.Files(
            count: files.count + max(beyond[kind] ?? 0, beyondSoFar[kind] ?? 0),
            first: Array(files.prefix(InboxSnapshot.Files.shown)))
    }
}
