import Foundation
package import Logging
import SystemPackage

/// The life of an image between the inbox and its end, in an order that survives a kill and a power cut after any
/// step: what lies where, and what its row says, is all the state there is.
///
///     claim     rename inbox -> work, sync, then the row 'claimed' with the attempt counted
///     finish    overlay to its name, sync, then ONE transaction with all rows and 'done', then the original to done/;
///               images that are ready at the same time take each of these steps together
///     fail      the row 'failed', then the reason file, then the original to failed/
///     recover   at the start, repeats what was cut off
///
/// A sync comes before the step that relies on it. What nothing relies on, as the end of an empty folder, is not synced:
/// a power cut brings it back, and recovery takes it away again.
///
/// Its calls block on the disk, so it has a thread of its own.
package actor Journal {
    private let executor = ThreadExecutor(name: "journal")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// After so many attempts that ended with the worker's death an image goes to `failed/`.
    package static let maximumAttempts = 3

    let tree: Tree
    let store: Store
    private(set) var rules: JournalRules
    let logger: Logger
    /// A claimed file could neither get its row nor go back.
    var hasStranded = false {
        didSet { if hasStranded { strandings.yield() } }
    }
    /// One element after that has happened.
    nonisolated let stranded: AsyncStream<Void>
    private let strandings: AsyncStream<Void>.Continuation
    /// They end together.
    var waitingEndings: [(ending: Ending, continuation: CheckedContinuation<[FilePath], any Error>)] = []
    /// Of each parent the folder of a day, by its inode, whose name this process has synced.
    private var syncedDays: [FilePath: UInt64] = [:]

    package init(tree: Tree, store: Store, rules: JournalRules = JournalRules(), logger: Logger) {
        self.tree = tree
        self.store = store
        self.rules = rules
        self.logger = logger
        (stranded, strandings) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// For images that are claimed from here on; one that is claimed already keeps what becomes of its original.
    package func apply(_ rules: JournalRules) { self.rules = rules }

    /// The folder of a day, whose name survives a power cut: a run that made it may have died before it synced it.
    func folder(of day: FileName, in parent: Directory) throws(Errno) -> Directory {
        let folder = try parent.makingDirectory(day)
        let inode = try FileStatus(of: FileDescriptor(rawValue: folder.descriptor)).inode
        if syncedDays[parent.path] != inode {
            try parent.sync()
            syncedDays[parent.path] = inode
        }
        return folder
    }

    /// Answers as soon as the disk lets it: whether the journal is alive.
    package func ping() {}

    /// Keeps an event of the service for later; where the log cannot be written, the journal of the system has it.
    package func record(_ event: Store.Event, _ text: String) { try? store.record(event, text) }

    /// Counts the attempt that is about to be made, durably: a worker has been found, and has not begun. The first one is
    /// counted with the row, so that no worker waits for the disk here.
    package nonisolated func begin(_ claim: Claim) async throws -> Claim {
        claim.isCounted ? claim : try await count(claim)
    }

    private func count(_ claim: Claim) throws -> Claim {
        try store.countAttempt(of: claim.id)
        var begun = claim
        begun.attempt += 1
        begun.isCounted = true
        return begun
    }

    /// After an attempt that ended with the worker's death: what it left goes, and the next one is to be counted.
    package func retry(_ claim: Claim) throws -> Claim {
        try removeTemporaryFiles(of: claim)
        var next = claim
        next.isCounted = false
        next.hasHistory = true
        return next
    }

    /// Gives the image up for now without blaming it: it stays in `work/`, and the next start takes it up again.
    package func release(_ claim: Claim) throws {
        if claim.isCounted { try store.takeBackAttempt(of: claim.id) }
    }

    /// Writes down that the image stands still and why; the attempt does not count.
    ///
    /// - Returns: the same image with its next attempt to be counted.
    package func wait(_ claim: Claim, because failure: Failure) throws -> Claim {
        try store.wait(claim.id, because: failure, takingBack: claim.isCounted)
        var next = claim
        if claim.isCounted { next.attempt -= 1 }
        next.isCounted = false
        next.hasHistory = true
        // Where that fails, too, the next attempt writes over them or takes them away.
        try? removeTemporaryFiles(of: claim)
        return next
    }

    /// After a pause: what the rows promise already is not explained once more.
    ///
    /// - Returns: the state that the image has come to, or `nil` where it is to be explained.
    package func resume(_ claim: Claim) throws -> ArrivalRecord.State? {
        if let state = try conclude(claim) { return state }
        guard try isThere(claim) else {
            try vanish(claim)
            return .vanished
        }
        // Those that could not be removed when it began to wait.
        try removeTemporaryFiles(of: claim)
        try store.goOn(claim.id)
        return nil
    }

    /// Somebody took the file out of our hands.
    package func vanish(_ claim: Claim) throws {
        try store.vanish(claim.id)
        ImageReport(claim, logger).vanished()
        try removeTemporaryFiles(of: claim)
        try removeFolder(of: claim)
    }

    /// Whether what was explained is what lies there. Nobody else can change what was moved to `work/`.
    func isUnchanged(_ claim: Claim) throws(Errno) -> Bool {
        guard claim.original == .keep else { return true }
        return try isThere(claim)
    }

    /// Whether the file that was claimed is still in its place.
    func isThere(_ claim: Claim) throws(Errno) -> Bool {
        do {
            let status = try claim.folder.status(of: claim.name)
            return claim.identity.map { $0 == FileIdentity(status) } ?? true
        } catch .noSuchFileOrDirectory {
            return false
        }
    }
}
