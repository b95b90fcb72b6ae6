/// What the operator decided about originals, duplicates and the disk.
package struct JournalRules: Equatable, Sendable {
    package var original = Original.archive
    /// An image whose content was explained before takes over that explanation.
    package var reusesDuplicates = true
    /// A larger file is not read: it fails by its size.
    package var maxFileBytes = ImageLimits.defaultMaxFileBytes
    /// Nothing is claimed while the disk has less.
    package var minFreeBytes = defaultMinFreeBytes

    /// 256 MiB.
    package static let defaultMinFreeBytes = 268_435_456

    package init() {}

    package init(_ settings: Settings) {
        original =
            switch settings.policy.originals {
            case .archive: .archive
            case .delete: .delete
            case .keep: .keep
            }
        reusesDuplicates = settings.policy.duplicates == .reuse
        maxFileBytes = settings.limits.maxFileBytes
        minFreeBytes = settings.minFreeBytes
    }
}
