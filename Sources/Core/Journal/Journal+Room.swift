import SystemPackage

extension Journal {
    /// Looks before an image is taken: a full disk must find it in the inbox.
    ///
    /// - Throws: `disk_full`, which names the setting.
    func checkRoom() throws {
        for path in [tree.outbox.path, store.path.removingLastComponent()] {
            let space = try FreeSpace(at: path)
            guard space.bytes >= rules.minFreeBytes else {
                throw Failure(
                    .diskFull,
                    "The disk of \(path) has \(space.bytes) bytes left; \(rules.minFreeBytes) must be free.",
                    remedy: "Make room, or lower limits.min_free_bytes.")
            }
            guard space.files.map({ $0 >= FreeSpace.minimumFiles }) ?? true else {
                throw Failure(
                    .diskFull, "The disk of \(path) has room for \(space.files ?? 0) files only.",
                    remedy: "Delete files: its inodes are used up.")
            }
        }
    }
}
