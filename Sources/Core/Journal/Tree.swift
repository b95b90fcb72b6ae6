import Glibc
package import SystemPackage

/// The five folders of a service, side by side on one file system, so that every move between them is a rename(2).
///
///     inbox/                        people drop images here
///     work/<claim>/<name>           claimed: ours, and not finished
///     done/<day>/<id>-<name>        originals that were explained
///     failed/<id>-<name> (+ .txt)   originals that were not, with the reason beside them
///     outbox/<day>/<id>-<name>.cam.jpg
package struct Tree: Sendable {
    package let root: FilePath
    package let inbox: Directory
    package let work: Directory
    package let done: Directory
    package let failed: Directory
    package let outbox: Directory

    /// Makes the folders that are missing; the root itself must be there.
    ///
    /// - Throws: `TreeError` with the path and the remedy.
    package init(root path: FilePath) throws(TreeError) {
        root = path
        do {
            let root = try Directory(path)
            // Members of the group may drop files.
            inbox = try root.makingDirectory("inbox", mode: 0o770)
            work = try root.makingDirectory("work")
            done = try root.makingDirectory("done")
            failed = try root.makingDirectory("failed")
            outbox = try root.makingDirectory("outbox")
        } catch {
            throw TreeError(root: path, cause: error)
        }
        // Two daemons on one tree would recover each other's work. The lock ends with the process.
        guard flock(work.descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw TreeError(root: path, cause: .resourceBusy)
        }
        do throws(Errno) {
            for folder in [inbox, done, failed, outbox] { try Self.probeRename(from: work, to: folder) }
        } catch {
            throw TreeError(root: path, cause: error)
        }
    }

    /// Moves an empty folder there and away. Two mounts of one file system have the same device and yet no rename(2)
    /// between them, so that comparing devices would not do.
    private static func probeRename(from source: Directory, to target: Directory) throws(Errno) {
        let name: FileName = ".gradcamd-probe"
        for folder in [source, target] { try? folder.removeDirectory(name) }
        _ = try source.makingDirectory(name)
        do throws(Errno) { try source.move(name, to: target, as: name) } catch {
            try? source.removeDirectory(name)
            throw error
        }
        try target.removeDirectory(name)
    }
}

package struct TreeError: Error, CustomStringConvertible {
    package let root: FilePath
    package let cause: Errno

    package var description: String {
        let remedy =
            switch cause {
            case .noSuchFileOrDirectory: "Make the folder, or set root to one that exists."
            case .permissionDenied, .notPermitted, .readOnlyFileSystem:
                "Give the daemon's user write access to it."
            case .resourceBusy: "Another gradcamd works on it already."
            case .improperLink:
                "inbox, work, done, failed and outbox must be on one file system, and none a mount of its own."
            default: "It must be a folder, not a symbolic link."
            }
        return "root \(root) cannot be used: \(cause). \(remedy)"
    }
}

/// The folders are not those of the start any more: no rename leads from the inbox that is there now to the others.
package struct TreeReplaced: Error, CustomStringConvertible {
    package let root: FilePath

    package var description: String {
        "\(root) was unmounted and mounted again, or replaced: the service starts anew to find its folders."
    }
}
