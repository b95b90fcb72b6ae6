import Logging
import SystemPackage

extension Journal {
    /// Brings everything that a former run left in `work/` and `outbox/` back in order. To be called before the
    /// inbox is watched.
    ///
    /// - Returns: the images that are still to be explained, with this attempt counted.
    package func recover() throws -> [Claim] {
        try removeTemporaryFiles()
        var claims: [Claim] = []
        var folders: [FileName] = []
        try tree.work.forEachEntry { folders.append($0) }
        for name in folders.sorted(by: { $0.text < $1.text }) {
            guard let folder = try? tree.work.directory(name) else { continue }
            if let claim = try recover(folder, as: name) { claims.append(claim) }
        }
        let vanished = try store.markVanished(except: claims.map(\.id))
        for image in vanished { logger.warning("\(image) is gone from work/: somebody removed it") }
        return claims
    }

    private func removeTemporaryFiles() throws {
        var names: [FileName] = []
        try tree.outbox.forEachEntry { name in
            if name.bytes.starts(with: Claim.temporaryPrefix.utf8) { names.append(name) }
        }
        for name in names { try tree.outbox.remove(name) }
    }

    /// - Returns: the claim where the image must be explained again.
    private func recover(_ folder: Directory, as name: FileName) throws -> Claim? {
        var content: [FileName] = []
        try folder.forEachEntry { content.append($0) }
        let row = try store.arrival(claimedAs: name.text)
        guard let image = content.first else {
            // Died between mkdir and rename, or between archiving and rmdir.
            try tree.work.removeDirectory(name)
            return nil
        }
        guard let row, let id = row.id else {
            // Died between the rename and the row. The folders it came from are not known any more.
            return try register(InboxFile(name: image), in: folder, as: name.text)
        }
        let claim = Claim(
            id: id, file: row.file(named: image), folder: folder, day: ClaimID.day(of: row.claim),
            attempt: row.attempt)
        guard try conclude(claim) == nil else { return nil }
        try store.takeUpVanished(id)
        guard claim.attempt < Self.maximumAttempts else {
            let failure = Failure(
                .workerCrashed, "The service died \(claim.attempt) times while it worked on this image.",
                remedy: "Look into the journal; drop the file again to try once more.")
            try fail(claim, because: failure)
            return nil
        }
        return try retry(claim)
    }
}
