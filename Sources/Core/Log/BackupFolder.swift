package import SystemPackage

/// A folder of daily copies of the log, `log-YYYY-MM-DD.db`. The newest ones stay; whatever else lies there is left
/// alone.
package struct BackupFolder {
    package struct Report: Codable, Equatable, Sendable {
        package var backup: Backup.Report
        /// Names of copies that went, oldest first.
        package var removed: [String]
        package var kept: Int

        package init(backup: Backup.Report, removed: [String], kept: Int) {
            self.backup = backup
            self.removed = removed
            self.kept = kept
        }
    }

    private let path: FilePath
    private let keep: Int

    /// - Parameter keep: copies that stay, the new one with them; at least 1.
    package init(path: FilePath, keep: Int) {
        self.path = path
        self.keep = max(1, keep)
    }

    /// Makes the copy of a day, replacing one of that day, and only then removes older ones: a copy that fails leaves
    /// all that were there.
    ///
    /// - Throws: `StoreError` for the log, `Failure` for the folder, and what `progress` throws.
    package func backUp(
        _ log: FilePath, day: FileName = Timestamp.now.day, progress: @escaping (Backup.Progress) throws -> Void
    ) throws -> Report {
        let folder = try open()
        let name = "log-\(day.text).db"
        let backup = Backup(of: log, to: path.appending(name), overwrites: true, isThorough: true)
        let report = try backup.run(progress: progress)
        do {
            let (removed, kept) = try prune(folder, butNot: name)
            return Report(backup: report, removed: removed, kept: kept)
        } catch {
            throw Failure(
                .inputOutput, "The copy \(report.file) is made, but older ones in \(path) cannot be removed: \(error).",
                remedy: "Give the service's user write access to that folder.")
        }
    }

    private func open() throws(Failure) -> Directory {
        do {
            let parent = path.removingLastComponent()
            guard let last = path.lastComponent.flatMap({ FileName($0.string) }) else { throw Errno.invalidArgument }
            return try Directory((parent.isEmpty ? "." : parent).resolved).makingDirectory(last)
        } catch {
            throw Failure(
                .inputOutput, "The folder \(path) cannot be made or opened: \(error).",
                remedy: "Name a folder that the service's user may write, with --backups.")
        }
    }

    /// - Parameter made: stays whatever the days of the others say: a clock may have been wrong.
    private func prune(_ folder: Directory, butNot made: String) throws -> (removed: [String], kept: Int) {
        let copies = try folder.names().filter { name in
            Self.isCopy(name) && (try? folder.status(of: name))?.kind == .regular
        }.map(\.text).sorted()
        let others = copies.filter { $0 != made }
        let removed = Array(others.prefix(max(0, others.count - (keep - 1))))
        for name in removed { if let name = FileName(name) { try folder.removeIfPresent(name) } }
        if !removed.isEmpty { try folder.sync() }
        return (removed, copies.count - removed.count)
    }

    static func isCopy(_ name: FileName) -> Bool {
        name.text.wholeMatch(of: /log-[0-9]{4}-[0-9]{2}-[0-9]{2}\.db/) != nil
    }
}
