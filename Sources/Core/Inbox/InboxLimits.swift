/// Bounds of the watcher that nobody needs to set. Tests make them small.
struct InboxLimits: Sendable {
    /// Names of files that settle, kept at most; the rest stays in the directory until there is room.
    var known = 10_000
    /// Whole files kept ready.
    var ready = 256
    /// Folders below folders; a deeper one is reported and left alone.
    var depth = 32
    /// Watches asked of the kernel at most.
    var watches = Int.max
    /// How often it is looked whether the path still leads to our inbox, and how often whether it does again.
    var check: Duration = .seconds(10)
    var retry: Duration = .seconds(2)
    /// After so long a file that is ignored by its name is worth a word.
    var ignored: Duration = .seconds(3_600)
}
