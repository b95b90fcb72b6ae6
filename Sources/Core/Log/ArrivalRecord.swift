package import Foundation
package import GRDB

/// One file that was claimed: a row for each, whatever became of it.
package struct ArrivalRecord: Codable, Sendable, FetchableRecord, MutablePersistableRecord {
    package enum State: String, Codable, CaseIterable, Sendable {
        /// Ours, and at a worker or on its way there.
        case claimed
        /// Ours, and standing still for a reason that is not the image's.
        case waiting
        case done, failed
        /// Somebody took the file away before it was explained.
        case vanished
    }

    package static let databaseTableName = "arrival"

    package var id: Int64?
    package var claim: String
    /// Its path below the inbox, as the kernel has it.
    package var name: Data
    package var nameText: String
    package var bytes: Int64
    package var modifiedAt: String
    /// User id.
    package var owner: Int64
    /// Of the content, 32 bytes; `nil` where the file is larger than the limit.
    package var sha256: Data?
    package var original = Original.archive
    /// Of a file that is kept in the inbox: see `FileIdentity`.
    package var identity: String?
    /// The arrival of the same content whose explanation this one took over.
    package var sameAs: Int64?
    /// The arrival that was explained once more.
    package var reexplains: Int64?
    package var state: State = .claimed
    package var attempt = 1
    package var claimedAt: String
    package var finishedAt: String?
    package var errorCode: Failure.Code?
    package var errorText: String?
    package var errorRemedy: String?

    package init(
        claim: String, name: Data, nameText: String, bytes: Int64, modifiedAt: Timestamp, owner: Int64
    ) {
        self.claim = claim
        self.name = name
        self.nameText = nameText
        self.bytes = bytes
        self.modifiedAt = modifiedAt.text
        self.owner = owner
        claimedAt = Timestamp.now.text
    }

    /// What Codable would make of it, in a fraction of the time.
    package func encode(to container: inout PersistenceContainer) {
        container["id"] = id
        container["claim"] = claim
        container["name"] = name
        container["name_text"] = nameText
        container["bytes"] = bytes
        container["modified_at"] = modifiedAt
        container["owner"] = owner
        container["sha256"] = sha256
        container["original"] = original.rawValue
        container["identity"] = identity
        container["same_as"] = sameAs
        container["reexplains"] = reexplains
        container["state"] = state.rawValue
        container["attempt"] = attempt
        container["claimed_at"] = claimedAt
        container["finished_at"] = finishedAt
        container["error_code"] = errorCode?.rawValue
        container["error_text"] = errorText
        container["error_remedy"] = errorRemedy
    }

    package mutating func didInsert(_ inserted: InsertionSuccess) { id = inserted.rowID }

    /// The file as it was in the inbox; `image` is its name in `work/`.
    package func file(named image: FileName) -> InboxFile {
        let parts = name.split(separator: UInt8(ascii: "/")).compactMap { FileName(bytes: $0) }
        return InboxFile(folders: Array(parts.dropLast()), name: image)
    }

    /// Why it failed, or waits.
    package var failure: Failure {
        Failure(errorCode ?? .internal, errorText ?? "", remedy: errorRemedy ?? "")
    }

    package enum CodingKeys: String, CodingKey {
        case id, claim, name, bytes, owner, sha256, original, identity, reexplains, state, attempt
        case sameAs = "same_as"
        case nameText = "name_text"
        case modifiedAt = "modified_at"
        case claimedAt = "claimed_at"
        case finishedAt = "finished_at"
        case errorCode = "error_code"
        case errorText = "error_text"
        case errorRemedy = "error_remedy"
    }
}
