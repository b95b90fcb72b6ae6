/// What becomes of an image's file when its image has come to an end.
package enum Original: String, Codable, Sendable {
    /// It moves to `done/`; one that failed to `failed/`.
    case archive
    /// It is deleted when it was explained; one that failed moves to `failed/`.
    case delete
    /// It never leaves its place in the inbox.
    case keep
    /// It is a second name of an original that lies elsewhere, made to explain that once more, and goes away.
    case borrow
}
