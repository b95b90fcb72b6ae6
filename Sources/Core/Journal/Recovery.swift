import Foundation
import Logging
import SystemPackage

extension Journal {
    /// Brings everything that a former run left in `work/` and `outbox/` back in order. To be called before the
    /// inbox is watched.
    ///
    /// - Returns: the images that are still to be explained; their next attempt is counted when it begins.
    package func recover() throws -> [Claim] {
        try removeTemporaryFiles()
        var claims: [Claim] = []
        for name in try tree.work.names().sorted(by: { $0.text < $1.text }) {
            // What cannot be opened for another reason is not gone: the next start looks again.
            guard let folder = try tree.work.directoryIfPresent(at: [name]) else { continue }
            if let claim = try recover(folder, as: name) { claims.append(claim) }
        }
        for row in try store.openArrivalsKept() {
            if let claim = try recoverKept(row) { claims.append(claim) }
        }
        let vanished = try store.markVanished(except: claims.map(\.id))
        for image in vanished {
            logger.log(
                .imageVanished, "\(image.nameText) is gone from work/: somebody removed it",
                metadata: ImageReport.fields(of: image))
        }
        return claims
    }

    private func removeTemporaryFiles() throws {
        for folder in [tree.outbox, tree.failed] {
            var left: [FileName] = []
            try folder.forEachEntry { name in
                if name.bytes.starts(with: OutputNames.temporaryPrefix.utf8) { left.append(name) }
            }
            for name in left { try folder.remove(name) }
        }
    }

    /// - Returns: the claim where the image must be explained again.
    private func recover(_ folder: Directory, as name: FileName) throws -> Claim? {
        let row = try store.arrival(claimedAs: name.text)
        guard let image = try folder.names().first else {
            // Died between mkdir and rename, or between archiving and rmdir.
            try tree.work.removeDirectory(name)
            return nil
        }
        guard let row, let id = row.id else {
            // Died between the rename and the row. The folders it came from are not known any more.
            do { return try register(InboxFile(name: image), in: folder, as: name.text) } catch let error as Errno {
                logger.log(
                    .imageStranded, "\(image.text) lies in \(folder.path) and cannot be read: \(error)",
                    metadata: ["GRADCAM_IMAGE": .bytes(JournalBytes(image.bytes))])
                hasStranded = true
                return nil
            }
        }
        return try takeUp(Claim(row, id: id, named: image, in: folder), row)
    }

    /// An image that never left the inbox. Another file in its place is an arrival of its own.
    ///
    /// - Throws: what keeps the inbox itself from being looked at: nothing may be taken for gone then.
    private func recoverKept(_ row: ArrivalRecord) throws -> Claim? {
        guard let id = row.id, let image = row.imageName else { return nil }
        let folder: Directory
        let found: (status: FileStatus, sha256: Data?)
        do throws(Errno) {
            folder = try tree.inbox.directory(at: row.file(named: image).folders)
            found = try content(of: image, in: folder)
        } catch  where Self.saysGone.contains(error) {
            return nil
        }
        guard found.sha256 == row.sha256 else { return nil }
        return try takeUp(Claim(row, id: id, named: image, in: folder, identity: FileIdentity(found.status)), row)
    }

    /// Nothing, or something else, is in the place of a file, or it is just being written. Any other error is the
    /// moment's.
    private static let saysGone: Set<Errno> = [
        .noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels, .resourceTemporarilyUnavailable,
    ]

    private func takeUp(_ claim: Claim, _ row: ArrivalRecord) throws -> Claim? {
        guard try conclude(claim) == nil else { return nil }
        if row.state == .waiting { try store.goOn(claim.id) }
        try store.takeUpVanished(claim.id)
        guard claim.attempt < Self.maximumAttempts else {
            let failure = Failure(
                .workerCrashed, "The service died \(claim.attempt) times while it worked on this image.",
                remedy: "Look into the journal; 'gradcam retry \(claim.id)' tries once more.")
            try fail(claim, because: failure)
            ImageReport(claim, logger).failed(failure)
            return nil
        }
        return claim
    }
}
