/// What tells a file that stays in its place from any other and from a changed one: device, inode, size, and the
/// times of the last change of content and of status. Inodes are used again, so the content's hash decides in doubt.
package struct FileIdentity: Equatable, Sendable {
    package let text: String

    package init(_ status: FileStatus) {
        text = [
            "\(status.device)", "\(status.inode)", "\(status.size)", "\(status.modified)", "\(status.changed)",
        ].joined(separator: ":")
    }
}
