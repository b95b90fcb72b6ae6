import Glibc
package import SystemPackage

/// What can be told of a file without the service: by looking at it, and into the log. Its calls block.
package struct InboxGlance: Sendable {
    private let inbox: FilePath
    private let log: FilePath
    private let serviceRuns: Bool

    /// - Parameters:
    ///   - root: of the tree, `Settings.root`.
    ///   - log: `Settings.Log.file`.
    ///   - serviceRuns: it is there, and does not tell this user anything.
    package init(root: FilePath, log: FilePath, serviceRuns: Bool) {
        inbox = root.appending("inbox")
        self.log = log
        self.serviceRuns = serviceRuns
    }

    /// - Parameter path: absolute. Links in its folders are followed, as the person's shell did.
    package func report(on path: FilePath) -> WhyReport {
        let file: InboxFile
        switch place(of: path) {
        case .inside(let inside): file = inside
        case .outside(let isBehindLink):
            return WhyReport(
                name: String(readable: RawPath(path).bytes), state: .outside,
                sentence: isBehindLink
                    ? "a symbolic link leads to it, and those are not followed" : "it does not lie in the inbox",
                remedy: "Copy it to \(inbox).")
        }
        do {
            return try report(on: file, status: status(of: path))
        } catch .noSuchFileOrDirectory, .notDirectory {
            return newestRow(file) ?? reading(file, .absent, "there is no such file, and the log knows none")
        } catch {
            return reading(file, .unreadable, "it cannot be looked at: \(error)", "Use sudo.")
        }
    }

    private func report(on file: InboxFile, status: FileStatus) throws(Errno) -> WhyReport {
        switch status.kind {
        case .symbolicLink:
            return reading(file, .link, "it is a symbolic link, and those are not followed", "Copy what it leads to.")
        case .directory: return reading(file, .notRegular, "it is a folder; the files in it are taken one by one")
        case .fifo, .socket, .device:
            return reading(file, .notRegular, "it is \(status.kind.rawValue), not a file", "Copy its content into one.")
        case .regular: break
        }
        if let pattern = IgnoredNames.pattern(for: file) {
            let verdict = InboxVerdict.ignored(pattern: pattern)
            return reading(file, .ignored, verdict.sentence, "Rename it when it is complete.")
        }
        if try isOthersSecret(status) {
            let mode = "0" + String(status.mode, radix: 8)
            return reading(
                file, .unreadable, "only its owner, user \(status.owner), may read it (mode \(mode))",
                "Let the group of gradcamd read it: chmod g+r")
        }
        if status.size == 0 { return reading(file, .incomplete, "it is empty") }
        if serviceRuns { return reading(file, .settling, "it lies in the inbox, and gradcamd knows more") }
        return reading(
            file, .held, "it lies in the inbox, and gradcamd is not running", "Start it: systemctl start gradcamd")
    }

    /// The inbox belongs to the user that the service runs as.
    private func isOthersSecret(_ file: FileStatus) throws(Errno) -> Bool {
        let service = try status(of: inbox).owner
        return service != 0 && file.owner != service && file.mode & 0o044 == 0
    }

    private func newestRow(_ file: InboxFile) -> WhyReport? {
        do {
            return try LogReader(path: log).newest(named: file.text)
        } catch {
            return reading(file, .absent, "there is no such file, and the log \(log) cannot be read", "Use sudo.")
        }
    }

    private func reading(
        _ file: InboxFile, _ state: WhyReport.State, _ sentence: String, _ remedy: String? = nil
    ) -> WhyReport {
        WhyReport(name: file.text, state: state, sentence: sentence, remedy: remedy)
    }

    // MARK: - Paths

    private enum Place {
        case inside(InboxFile)
        case outside(isBehindLink: Bool)
    }

    private func place(of path: FilePath) -> Place {
        let path = path.lexicallyNormalized()
        let folder = path.removingLastComponent()
        let textual = Self.names(of: folder, below: inbox.lexicallyNormalized())
        // The folder itself may be gone already; then its text decides.
        let isReal = Self.real(folder) != nil
        let real = Self.real(folder).flatMap { folder in
            Self.real(inbox).flatMap { Self.names(of: folder, below: $0) }
        }
        guard let folders = isReal ? real : textual, let name = path.lastComponent.flatMap(Self.name) else {
            return .outside(isBehindLink: isReal && textual != nil)
        }
        return .inside(InboxFile(folders: folders, name: name))
    }

    private static func names(of folder: FilePath, below inbox: FilePath) -> [FileName]? {
        guard folder.starts(with: inbox) else { return nil }
        return folder.components.dropFirst(inbox.components.count).compactMap(name)
    }

    private static func name(_ component: FilePath.Component) -> FileName? {
        FileName(bytes: RawPath(FilePath(root: nil, [component])).bytes)
    }

    private static func real(_ path: FilePath) -> FilePath? {
        guard let text = path.withPlatformString({ realpath($0, nil) }) else { return nil }
        defer { free(text) }
        return FilePath(platformString: text)
    }

    private func status(of path: FilePath) throws(Errno) -> FileStatus {
        var status = stat()
        try Errno.check(path.withPlatformString { lstat($0, &status) })
        return FileStatus(status)
    }
}
