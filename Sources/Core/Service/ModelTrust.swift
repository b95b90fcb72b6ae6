import Glibc
package import SystemPackage

/// TorchScript is code. The service loads a model only where nobody else could have put it there: file and every
/// folder above it belong to root, and neither group nor others may write. Where the settings allow it for a try-out,
/// the daemon's own user counts as root does, and its group may write.
package enum ModelTrust {
    /// - Throws: `Failure` that names the first path that is not trusted, and the command that mends it.
    package static func check(_ model: FilePath, owner: Settings.Model.Owner) throws(Failure) {
        let model = model.resolved
        var path = model
        while true {
            var status = stat()
            guard lstat(path.string, &status) == 0 else {
                throw Failure(
                    .modelUnreadable, "The model \(model) cannot be found: \(Errno(rawValue: errno)).",
                    remedy: "Set model.file to a TorchScript file.")
            }
            let isOwned = status.st_uid == 0 || (owner == .`self` && status.st_uid == geteuid())
            guard isOwned else {
                throw Failure(
                    .modelNotTrusted, "\(path) belongs to user \(status.st_uid), and TorchScript is code.",
                    remedy: "Make it root's: chown root:root \(path)")
            }
            let strangers = owner == .root ? S_IWGRP | S_IWOTH : S_IWOTH
            // In a sticky folder such as /tmp others cannot replace what is not theirs.
            guard status.st_mode & strangers == 0 || status.st_mode & S_ISVTX != 0 else {
                throw Failure(
                    .modelNotTrusted, "\(path) may be written by others, and TorchScript is code.",
                    remedy: "Take that away: chmod go-w \(path)")
            }
            guard !path.components.isEmpty else { return }
            path = path.removingLastComponent()
        }
    }
}
