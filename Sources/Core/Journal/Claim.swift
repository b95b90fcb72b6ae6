package import Foundation
package import SystemPackage

/// An image that is ours: it lies in its folder below `work/`, and its row says which attempt this is.
package struct Claim: Sendable {
    /// Of its row in the log.
    package let id: Int64
    package let file: InboxFile
    /// `work/<claim>/`; of an original that is kept, its folder in the inbox.
    package let folder: Directory
    package let outputs: OutputNames
    package let original: Original
    /// Of the content; `nil` where the file is too large to be read at all.
    package let sha256: Data?
    /// Of an original that is kept.
    let identity: FileIdentity?
    /// The attempt that is being made, from 1; or the number of those that were, where the next is not counted yet.
    package internal(set) var attempt: Int
    /// Whether the row counts the attempt that comes next already.
    var isCounted: Bool
    /// Whether an earlier attempt may have left files.
    var hasHistory: Bool
    /// Asked for by a person, so that what an earlier explanation says does not do.
    let isRepetition: Bool

    /// - Parameter isCounted: true of a row that was just made, with its first attempt.
    init(
        _ record: ArrivalRecord, id: Int64, named image: FileName, in folder: Directory,
        identity: FileIdentity? = nil, isCounted: Bool = false
    ) {
        self.id = id
        file = record.file(named: image)
        self.folder = folder
        outputs = OutputNames(id: id, image: image, day: record.day)
        original = record.original
        sha256 = record.sha256
        self.identity = identity
        attempt = record.attempt
        self.isCounted = isCounted
        hasHistory = !isCounted
        isRepetition = record.reexplains != nil
    }

    package var name: FileName { file.name }
    package var path: FilePath { folder.path.appending(name) }

    /// Predictions of one image that may be explained (`explanations.top`, `detections.explained`).
    package static let maximumExplained = 64
    /// Overlays that one image may have: one for each of them, and of a detector one with all.
    package static let maximumOutputs = maximumExplained + 1
}

extension ArrivalRecord {
    /// The day of the claim in UTC.
    package var day: FileName { ClaimID.day(of: claim) }
}
