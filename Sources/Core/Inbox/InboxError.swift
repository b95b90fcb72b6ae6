/// The inbox itself is not what it should be.
package enum InboxError: Error, CustomStringConvertible {
    /// Says where it should be, what is wrong, and what to do.
    case missing(String)

    package var description: String {
        switch self {
        case .missing(let reason): reason
        }
    }
}
