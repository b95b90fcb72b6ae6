import SystemPackage

/// Whether there is room for what is still to come.
enum SpaceChecks {
    /// - Parameter minimum: below this the service takes no image (`limits.min_free_bytes`).
    static func findings(root: FilePath, log: FilePath, minimum: Int) -> [Finding] {
        let folder = log.removingLastComponent()
        return [root, folder].map { path in
            do throws(Errno) {
                return finding(path, try FreeSpace(at: path), minimum: minimum)
            } catch {
                return Finding(.space, .unknown, "\(path): \(error).")
            }
        }
    }

    static func finding(_ path: FilePath, _ space: FreeSpace, minimum: Int) -> Finding {
        let free = ByteText.text(Int64(space.bytes))
        if space.bytes < minimum {
            return Finding(
                .space, .problem, "\(path) has \(free) left; below \(ByteText.text(Int64(minimum))) no image is taken.",
                remedy: "Free space, or set retention.*.")
        }
        if let inodes = space.files, inodes < FreeSpace.minimumFiles {
            return Finding(
                .space, .problem, "\(path) has \(free) left, but inodes for \(inodes) files only.",
                remedy: "Remove files, or set retention.*.")
        }
        return Finding(.space, .ok, "\(path) has \(free) left.")
    }
}
