import Foundation
import Logging
import SystemPackage

/// Images that came to an end, and that people want to see once more.
extension Journal {
    /// Takes up the oldest image that people asked for once more.
    ///
    /// - Returns: its claim, or `nil` where nobody asked.
    package func nextRepetition() throws -> Claim? {
        while let (id, kind) = try store.nextRepetition() {
            do {
                switch kind {
                case .retry: return try takeUpFailed(id)
                case .reexplain: return try reexplain(id)
                }
            } catch let refusal as RepetitionRefused {
                logger.log(.imageNotRepeated, "not repeated: \(refusal)", metadata: ["GRADCAM_ID": "\(id)"])
                try store.forgetRepetition(of: id)
            }
        }
        return nil
    }

    /// Takes a failed image up again, from its first attempt.
    ///
    /// - Throws: `RepetitionRefused` that says why it cannot be.
    package func takeUpFailed(_ id: Int64) throws -> Claim {
        guard var row = try store.arrival(id: id) else { throw RepetitionRefused("There is no image \(id).") }
        guard row.state == .failed else { throw RepetitionRefused("Image \(id) is \(row.state.rawValue), not failed.") }
        guard let image = row.imageName else { throw RepetitionRefused("Image \(id) has no name.") }
        let names = OutputNames(id: id, image: image, day: row.day)
        let (folder, identity) = try takeOutOfQuarantine(row, image, names)
        try store.takeUpFailed(id)
        try? tree.failed.remove(names.reason)
        row.attempt = 0
        return Claim(row, id: id, named: image, in: folder, identity: identity)
    }

    private func takeOutOfQuarantine(
        _ row: ArrivalRecord, _ image: FileName, _ names: OutputNames
    ) throws -> (Directory, FileIdentity?) {
        switch row.original {
        case .archive, .delete:
            let folder = try tree.work.makingDirectory(row.claimFolder)
            do throws(Errno) { try tree.failed.move(names.archived, to: folder, as: image) } catch {
                // Moved before, by a try whose row could not be written.
                if error == .noSuchFileOrDirectory, try folder.statusIfPresent(of: image) != nil {
                    return (folder, nil)
                }
                try? tree.work.removeDirectory(row.claimFolder)
                guard error == .noSuchFileOrDirectory else { throw error }
                throw RepetitionRefused("\(names.archived.text) is not in failed/ any more.")
            }
            // Until the row says 'claimed', recovery brings it back to failed/.
            try folder.sync()
            try tree.failed.sync()
            return (folder, nil)
        case .keep:
            let folder = try tree.inbox.directory(at: row.file(named: image).folders)
            let (status, sha256) = try content(of: image, in: folder)
            guard sha256 == row.sha256 else { throw RepetitionRefused("\(row.nameText) is another file by now.") }
            return (folder, FileIdentity(status))
        case .borrow:
            throw RepetitionRefused("Image \(row.nameText) was explained once more; do that again.")
        }
    }

    /// Explains an image once more with the present model and settings, as an arrival of its own beside the old one.
    ///
    /// - Throws: `RepetitionRefused` that says why it cannot be.
    package func reexplain(_ id: Int64) throws -> Claim {
        guard let row = try store.arrival(id: id) else { throw RepetitionRefused("There is no image \(id).") }
        guard row.state == .done, let image = row.imageName else {
            throw RepetitionRefused("Image \(id) is \(row.state.rawValue), not done.")
        }
        // Of an image that was explained twice already, the original is where the first one left it.
        if row.original == .borrow {
            guard let first = row.reexplains else { throw RepetitionRefused("The original of \(id) is not known.") }
            try store.forgetRepetition(of: id)
            return try reexplain(first)
        }
        let (source, name) = try place(ofOriginal: row, id, image)
        let claim = ClaimID(reexplaining: id)
        let folder = try tree.work.makingDirectory(claim.folder)
        do {
            try source.linkOrCopy(name, to: folder, as: image)
            try folder.sync()
            return try register(row.file(named: image), in: folder, as: claim.text)
        } catch {
            try? folder.remove(image)
            try? tree.work.removeDirectory(claim.folder)
            if let error = error as? Errno, error == .noSuchFileOrDirectory {
                throw RepetitionRefused("The original of \(row.nameText) is not there any more.")
            }
            throw error
        }
    }

    private func place(
        ofOriginal row: ArrivalRecord, _ id: Int64, _ image: FileName
    ) throws -> (Directory, FileName) {
        switch row.original {
        case .keep: return (try tree.inbox.directory(at: row.file(named: image).folders), image)
        case .archive, .delete, .borrow:
            guard let folder = try? tree.done.directory(row.day) else {
                throw RepetitionRefused("The original of \(row.nameText) is not in done/ any more.")
            }
            return (folder, OutputNames(id: id, image: image, day: row.day).archived)
        }
    }
}

/// Why an image cannot be taken up again.
package struct RepetitionRefused: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

extension ArrivalRecord {
    /// The file's own name, without the folders that led to it.
    var imageName: FileName? {
        name.split(separator: UInt8(ascii: "/")).last.flatMap { FileName(bytes: $0) }
    }

    var claimFolder: FileName { FileName(bytes: claim.utf8) ?? "claim" }
}
