import Foundation
package import Logging
package import SystemPackage

/// The life of an image between the inbox and its end, in an order that survives a kill and a power cut after any
/// step: what lies where, and what its row says, is all the state there is.
///
///     claim     rename inbox -> work, sync, then the row 'claimed' with the attempt counted
///     finish    overlay to its name, sync, then ONE transaction with all rows and 'done', then the original to done/
///     fail      the row 'failed', then the reason file, then the original to failed/
///     recover   at the start, repeats what was cut off
///
/// Its calls block on the disk, so it has a thread of its own.
package actor Journal {
    private let executor = ThreadExecutor(name: "journal")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// After so many attempts that ended with the worker's death an image goes to `failed/`.
    package static let maximumAttempts = 3

    let tree: Tree
    let store: Store
    let logger: Logger

    package init(tree: Tree, store: Store, logger: Logger) {
        self.tree = tree
        self.store = store
        self.logger = logger
    }

    /// Makes the file ours.
    ///
    /// - Returns: `nil` where it is gone: somebody took it back, or another event for it was quicker.
    /// - Throws: `Errno` of the rename, which left the file where it is, or what the store says.
    package func claim(_ file: InboxFile) throws -> Claim? {
        let source: Directory
        do { source = try tree.inbox.directory(at: file.folders) } catch .noSuchFileOrDirectory { return nil }
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
            // Without a row nobody would know of it before the next start: back to where it came from.
            try? folder.move(file.name, to: source, as: file.name)
            try? tree.work.removeDirectory(id.folder)
            throw error
        }
    }

    /// Gives the claimed file its row, with the first attempt counted before it begins.
    func register(_ file: InboxFile, in folder: Directory, as claim: String) throws -> Claim {
        let status = try folder.status(of: file.name)
        let id = try store.claim(
            ArrivalRecord(
                claim: claim, name: Data(file.bytes), nameText: file.text, bytes: status.size,
                modifiedAt: Timestamp(nanoseconds: status.modified), owner: Int64(status.owner)))
        return Claim(id: id, file: file, folder: folder, day: ClaimID.day(of: claim), attempt: 1)
    }

    /// Counts another attempt, before it begins.
    package func retry(_ claim: Claim) throws -> Claim {
        try store.countAttempt(of: claim.id)
        var next = claim
        next.attempt += 1
        return next
    }

    /// Gives the image up for now without blaming it: it stays in `work/`, and the next start takes it up again.
    package func release(_ claim: Claim) throws { try store.takeBackAttempt(of: claim.id) }

    /// Answers as soon as the disk lets it: whether the journal is alive.
    package func ping() {}

    /// Publishes what a worker wrote under temporary names, and archives the original.
    ///
    /// - Returns: the overlays, best prediction first.
    @discardableResult
    package func finish(
        _ claim: Claim, with explanation: Explanation, format: OverlayOptions.Format
    ) throws -> [FilePath] {
        // 1 The overlays get their names. The worker synced their content.
        if claim.attempt > 1 { try removeOutputs(of: claim) }
        let folder = try tree.outbox.makingDirectory(claim.day)
        var overlays: [FilePath] = []
        for index in explanation.overlays.indices {
            let name = claim.overlayName(index, format)
            try publish(claim.temporaryOverlayName(index, format), in: folder, as: name)
            overlays.append(folder.path.appending(name))
        }
        for index in explanation.heatMaps.indices {
            try publish(claim.temporaryHeatMapName(index), in: folder, as: claim.heatMapName(index))
        }
        try folder.sync()
        try tree.outbox.sync()
        // 2 One transaction: from here on the rows promise step 1.
        try store.complete(claim.id, explanation, overlays: overlays)
        // 3 Recovery repeats this if we die here.
        try archive(claim)
        return overlays
    }

    /// Repeats what comes after the rows, where that was cut off.
    ///
    /// - Returns: the state that the rows promise, or `nil` where the image is still to be explained.
    package func conclude(_ claim: Claim) throws -> ArrivalRecord.State? {
        guard let row = try store.arrival(id: claim.id) else { return nil }
        switch row.state {
        case .done: try archive(claim)
        case .failed: try quarantine(claim, because: row.failure)
        case .claimed, .vanished: return nil
        }
        return row.state
    }

    /// Sets the image aside, with the reason beside it for people who only see the share.
    package func fail(_ claim: Claim, because failure: Failure) throws {
        if claim.attempt > 1 { try removeOutputs(of: claim) }
        try store.fail(claim.id, because: failure)
        try quarantine(claim, because: failure)
    }

    /// The original to its place; the claim's folder away. Safe to repeat.
    func archive(_ claim: Claim) throws(Errno) {
        let folder = try tree.done.makingDirectory(claim.day)
        try moveOut(claim, to: folder)
        try tree.done.sync()
    }

    /// Safe to repeat.
    func quarantine(_ claim: Claim, because failure: Failure) throws(Errno) {
        let note = """
            \(claim.file.text)
            \(failure.message)
            \(failure.remedy)
            code: \(failure.code.rawValue)
            """
        try tree.failed.write(note + "\n", to: claim.archivedName.wrapped(prefix: "", suffix: ".txt"))
        try moveOut(claim, to: tree.failed)
    }

    private func moveOut(_ claim: Claim, to folder: Directory) throws(Errno) {
        do { try claim.folder.move(claim.name, to: folder, as: claim.archivedName) } catch .noSuchFileOrDirectory {}
        try folder.sync()
        try claim.folder.sync()
        if let name = claim.folder.path.lastComponent.flatMap({ FileName($0.string) }) {
            do { try tree.work.removeDirectory(name) } catch .noSuchFileOrDirectory {}
        }
        try tree.work.sync()
    }

    /// The worker wrote into the outbox itself, for a rename needs one file system. An attempt that ended after
    /// this step left its file: the new one takes the place.
    private func publish(_ temporary: FileName, in folder: Directory, as name: FileName) throws(Errno) {
        do { try folder.remove(name) } catch .noSuchFileOrDirectory {}
        try tree.outbox.move(temporary, to: folder, as: name)
    }

    /// What an attempt published that died before its rows were written.
    private func removeOutputs(of claim: Claim) throws(Errno) {
        let folder: Directory
        do { folder = try tree.outbox.directory(claim.day) } catch .noSuchFileOrDirectory { return }
        for index in 0..<Claim.maximumOutputs {
            let overlays = OverlayOptions.Format.allCases.map { claim.overlayName(index, $0) }
            for name in overlays + [claim.heatMapName(index)] {
                do { try folder.remove(name) } catch .noSuchFileOrDirectory {}
            }
        }
    }
}
