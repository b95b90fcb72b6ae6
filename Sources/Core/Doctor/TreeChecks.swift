import Foundation
import SystemPackage

/// Whether the five folders are there, on one file system, and may be written.
enum TreeChecks {
    static let names = ["inbox", "work", "done", "failed", "outbox"]

    static func findings(_ root: FilePath) -> [Finding] {
        let top: Directory
        do { top = try Directory(root) } catch {
            return [
                Finding(
                    .tree, error == .permissionDenied ? .unknown : .problem, "\(root): \(error).",
                    remedy: remedy(for: error, root))
            ]
        }
        var folders: [Directory] = []
        var missing: [String] = []
        var closed: [String] = []
        var findings: [Finding] = []
        for name in names {
            do {
                guard let name = FileName(name) else { continue }
                folders.append(try top.directory(name))
            } catch .noSuchFileOrDirectory {
                missing.append(name)
            } catch .permissionDenied {
                closed.append(name)
            } catch {
                let path = root.appending(name)
                findings.append(Finding(.tree, .problem, "\(path): \(error).", remedy: remedy(for: error, path)))
            }
        }
        if !closed.isEmpty {
            findings.append(
                Finding(
                    .tree, .unknown, "You may not look into \(closed.joined(separator: ", ")) of \(root).",
                    remedy: "Run this as the service's user or as root."))
        }
        if folders.isEmpty, findings.isEmpty {
            return [
                Finding(.tree, .warning, "\(root) is empty.", remedy: "The service makes its folders when it starts.")
            ]
        }
        if !missing.isEmpty {
            let list = missing.joined(separator: ", ")
            findings.append(
                Finding(
                    .tree, .problem, "\(root) lacks \(list): somebody removed it.",
                    remedy: "systemctl restart gradcamd makes it again."))
        }
        guard findings.isEmpty else { return findings }
        return [Finding(.tree, .ok, "\(root) has its five folders."), placement(folders), access(folders)]
    }

    private static func remedy(for error: Errno, _ path: FilePath) -> String {
        switch error {
        case .noSuchFileOrDirectory: "Make the folder, or set root to one that exists."
        case .permissionDenied: "Run this as the service's user or as root."
        case .notDirectory, .tooManySymbolicLinkLevels: "It must be a folder, not a symbolic link or a file."
        default: "Check \(path)."
        }
    }

    // MARK: - One file system

    private static func placement(_ folders: [Directory]) -> Finding {
        let mounts = mountPoints()
        // Two mounts of one file system have one device number, and rename(2) between them fails all the same.
        let apart = folders.filter {
            device(of: $0) != device(of: folders[0]) || mounts.contains($0.path.resolved.string)
        }
        guard apart.isEmpty else {
            let list = apart.map { $0.path.string }.joined(separator: ", ")
            return Finding(
                .tree, .problem, "\(list) is a mount of its own, so that files cannot be renamed across.",
                remedy: "Mount the folder above them instead: root.")
        }
        return Finding(.tree, .ok, "They are on one file system: a move between them is a rename.")
    }

    private static func device(of folder: Directory) -> UInt64? {
        try? FileStatus(of: FileDescriptor(rawValue: folder.descriptor)).device
    }

    /// The fifth field of each line of proc_pid_mountinfo(5), with its octal escapes.
    private static func mountPoints() -> Set<String> {
        let text = (try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)) ?? ""
        return Set(
            text.split(separator: "\n").compactMap { line in
                let fields = line.split(separator: " ")
                guard fields.count > 4 else { return nil }
                return String(fields[4]).replacing(/\\([0-7]{3})/) { match in
                    UInt8(match.1, radix: 8).map { String(UnicodeScalar($0)) } ?? ""
                }
            })
    }

    // MARK: - Who may write

    private static func access(_ folders: [Directory]) -> Finding {
        var refused: [(folder: Directory, error: Errno)] = []
        for folder in folders where faccessat(folder.descriptor, ".", W_OK | X_OK, AT_EACCESS) != 0 {
            refused.append((folder, Errno(rawValue: errno)))
        }
        let owners = folders.map(owner)
        guard Set(owners.map(\.user)).count == 1 else {
            let list = zip(folders, owners).map { "\($0.path.lastComponent?.string ?? "") \($1.text)" }
            return Finding(
                .tree, .warning, "The folders belong to several users: \(list.joined(separator: ", ")).",
                remedy: "Give them to the user that the service runs as: chown.")
        }
        if let first = refused.first {
            guard first.error == .permissionDenied else {
                return Finding(
                    .tree, .problem, "\(first.folder.path) cannot be written: \(first.error).",
                    remedy: "Mount it for writing.")
            }
            return Finding(
                .tree, .unknown, "\(first.folder.path) belongs to \(owners[0].text), and you may not write.",
                remedy: "If the service runs as that user, all is well: sudo -u \(owners[0].user) gradcam doctor")
        }
        let who = geteuid() == 0 ? "their owner \(owners[0].text)" : "you, \(userName(geteuid()))"
        return Finding(.tree, .ok, "They may be written by \(who).")
    }

    private static func owner(_ folder: Directory) -> (user: String, text: String) {
        var status = stat()
        guard fstat(folder.descriptor, &status) == 0 else { return ("?", "?") }
        let user = userName(status.st_uid)
        return (user, "\(user) (mode \(String(status.st_mode & 0o7777, radix: 8)))")
    }

    private static func userName(_ user: uid_t) -> String {
        getpwuid(user).map { String(cString: $0.pointee.pw_name) } ?? "\(user)"
    }
}
