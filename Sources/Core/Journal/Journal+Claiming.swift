import Foundation
import Glibc
import SystemPackage

/// From "this file is whole" to "this file is ours".
extension Journal {
    /// Makes the file ours.
    ///
    /// - Returns: `nil` where it is gone: somebody took it back, or another event for it was quicker; or where it is
    ///   kept in the inbox and known already.
    /// - Throws: `Errno` of the rename, which left the file where it is, or what the store says.
    package func claim(_ file: InboxFile, in inbox: Directory) throws -> Claim? {
        try checkRoom()
        let source: Directory
        do { source = try inbox.directory(at: file.folders) } catch .noSuchFileOrDirectory { return nil }
        guard rules.original == .keep else { return try claimByRename(file, from: source) }
        return try claimInPlace(file, in: source)
    }

    private func claimByRename(_ file: InboxFile, from source: Directory) throws -> Claim? {
        let id = ClaimID()
        let folder = try tree.work.makingDirectory(id.folder)
        do {
            try source.move(file.name, to: folder, as: file.name)
        } catch {
            try? tree.work.removeDirectory(id.folder)
            if error == .noSuchFileOrDirectory { return nil }
            throw error
        }
        do {
            try folder.sync()
            try source.sync()
            return try register(file, in: folder, as: id.text)
        } catch {
            giveBack(file.name, from: folder, id.folder, to: source)
            throw error
        }
    }

    /// Without a row nobody would know of the file: back to where it came from.
    private func giveBack(_ name: FileName, from folder: Directory, _ folderName: FileName, to source: Directory) {
        do {
            try folder.move(name, to: source, as: name)
            try tree.work.removeDirectory(folderName)
        } catch {
            hasStranded = true
        }
    }

    /// Gives the claimed file its row, with the first attempt counted before it begins.
    func register(_ file: InboxFile, in folder: Directory, as claim: String) throws -> Claim {
        let (status, sha256) = try content(of: file.name, in: folder)
        var record = ArrivalRecord(
            claim: claim, name: Data(file.bytes), nameText: file.text, bytes: status.size,
            modifiedAt: Timestamp(nanoseconds: status.modified), owner: Int64(status.owner))
        record.sha256 = sha256
        record.reexplains = ClaimID.reexplained(by: claim)
        record.original = record.reexplains == nil ? rules.original.ofRenamed : .borrow
        return Claim(record, id: try store.claim(record), named: file.name, in: folder, isCounted: true)
    }

    /// A file that stays: nothing moves, and the row alone says that it is ours.
    private func claimInPlace(_ file: InboxFile, in folder: Directory) throws -> Claim? {
        guard let status = try folder.statusIfPresent(of: file.name), try !store.knows(FileIdentity(status)) else {
            return nil
        }
        let (read, sha256) = try content(of: file.name, in: folder)
        let identity = FileIdentity(read)
        if let sha256, try store.recognize(Data(file.bytes), sha256, as: identity) { return nil }
        var record = ArrivalRecord(
            claim: ClaimID().text, name: Data(file.bytes), nameText: file.text, bytes: read.size,
            modifiedAt: Timestamp(nanoseconds: read.modified), owner: Int64(read.owner))
        record.sha256 = sha256
        record.original = .keep
        record.identity = identity.text
        return Claim(
            record, id: try store.claim(record), named: file.name, in: folder, identity: identity,
            isCounted: true)
    }

    /// What the file is and the hash of its content, `nil` where it is too large to be read.
    ///
    /// - Throws: `Errno.resourceTemporarilyUnavailable` where it changed meanwhile: its writer is not through.
    func content(of name: FileName, in folder: Directory) throws(Errno) -> (FileStatus, sha256: Data?) {
        let file = try folder.openForReading(name)
        defer { close(file.rawValue) }
        let before = try FileStatus(of: file)
        guard before.kind == .regular, before.size <= rules.maxFileBytes else { return (before, nil) }
        let sha256 = try ContentDigest.sha256(of: file)
        let after = try FileStatus(of: file)
        guard before.size == after.size, before.modified == after.modified else {
            throw .resourceTemporarilyUnavailable
        }
        return (after, sha256)
    }

    /// A claimed file that got no row and could not go back, since its name is taken there by now.
    ///
    /// - Returns: its claim, or `nil` where there is none.
    package func adoptStranded() throws -> Claim? {
        guard hasStranded else { return nil }
        for name in try tree.work.names() {
            guard let folder = try tree.work.directoryIfPresent(at: [name]), let image = try folder.names().first,
                try store.arrival(claimedAs: name.text) == nil
            else { continue }
            return try register(InboxFile(name: image), in: folder, as: name.text)
        }
        hasStranded = false
        return nil
    }
}

extension Original {
    /// A file that was renamed away is not in its place, whatever the rules say by now.
    fileprivate var ofRenamed: Original { self == .keep ? .archive : self }
}
