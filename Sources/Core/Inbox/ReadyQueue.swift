/// Whole files that wait to be taken, in the order in which they became whole. Some hundred at most: the inbox is the
/// queue.
struct ReadyQueue {
    struct Entry {
        let file: InboxFile
        let appearance: Settling.Appearance
        let place: Settling.Place
    }

    private(set) var entries: [Entry] = []
    private var known: Set<InboxFile> = []

    var count: Int { entries.count }
    var isEmpty: Bool { entries.isEmpty }

    func contains(_ file: InboxFile) -> Bool { known.contains(file) }

    func position(of file: InboxFile) -> Int? {
        known.contains(file) ? entries.firstIndex { $0.file == file } : nil
    }

    mutating func append(_ entry: Entry) {
        entries.append(entry)
        known.insert(entry.file)
    }

    mutating func popFirst() -> Entry? {
        guard !entries.isEmpty else { return nil }
        let entry = entries.removeFirst()
        known.remove(entry.file)
        return entry
    }

    @discardableResult
    mutating func remove(_ file: InboxFile) -> Entry? {
        guard let index = position(of: file) else { return nil }
        known.remove(file)
        return entries.remove(at: index)
    }

    mutating func remove(below folders: [FileName]) {
        entries.removeAll { $0.file.folders.starts(with: folders) }
        known = Set(entries.map(\.file))
    }

    mutating func removeAll() { self = ReadyQueue() }
}
