import Core

/// What `systemctl status` shows.
struct StatusLine: Sendable {
    let progress: Progress
    let watcher: InboxWatcher

    /// As a line for the notification socket.
    var text: String {
        get async {
            let queue = await watcher.queue
            return "STATUS=\(progress.snapshot.summary(inbox: queue.count, isMore: queue.isLeftOut))"
        }
    }
}
