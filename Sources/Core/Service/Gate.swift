/// Closed while people have paused the service.
package actor Gate {
    private var isOpen: Bool
    private var waiting: [CheckedContinuation<Void, Never>] = []

    package init(isOpen: Bool) { self.isOpen = isOpen }

    package func set(open: Bool) {
        isOpen = open
        if open { wakeAll() }
    }

    package var isClosed: Bool { !isOpen }

    /// Returns when the gate is open, or the task was cancelled.
    func pass() async {
        while !isOpen && !Task.isCancelled {
            await withTaskCancellationHandler {
                await withCheckedContinuation { waiting.append($0) }
            } onCancel: {
                Task { await wakeAll() }
            }
        }
    }

    private func wakeAll() {
        for continuation in waiting { continuation.resume() }
        waiting = []
    }
}
