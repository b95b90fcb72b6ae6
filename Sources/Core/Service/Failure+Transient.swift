import GRDB
import SystemPackage

extension Failure {
    /// Something that the moment is to blame for, out of whatever was thrown: it is waited for, and costs no image.
    package init(transient error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as Errno where [.noSpace, .diskQuotaExceeded].contains(error):
            self.init(.diskFull, "The disk is full: \(error).", remedy: "Make room; the service goes on by itself.")
        case let error as Errno where [.noMemory, .tooManyOpenFiles, .tooManyOpenFilesInSystem].contains(error):
            self.init(.inputOutput, "The system is short of something: \(error).", remedy: "It is tried again.")
        case let error as Errno where [.permissionDenied, .notPermitted, .readOnlyFileSystem].contains(error):
            self.init(
                .inputOutput, "The service may not write: \(error).",
                remedy: "Give its user write access to the tree and the log.")
        case let error as DatabaseError where error.resultCode == .SQLITE_FULL:
            self.init(.diskFull, "The log's disk is full.", remedy: "Make room; the service goes on by itself.")
        case let error as DatabaseError where error.resultCode == .SQLITE_BUSY:
            self.init(.inputOutput, "Another program holds the log.", remedy: "End what writes into log.db.")
        case let error as DatabaseError:
            self.init(.inputOutput, "The log cannot be written: \(error.message ?? "\(error.resultCode)").")
        default: self.init(.inputOutput, "\(error).")
        }
    }
}
