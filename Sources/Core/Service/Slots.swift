/// Lets a number of holders in at once; the others wait in line.
package actor Slots {
    private var count: Int
    /// Below zero where there are more holders than their number may be by now.
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    package init(_ count: Int) {
        self.count = count
        free = count
    }

    /// Answers: whether it is alive.
    func ping() {}

    /// Those who are in stay in.
    func resize(to count: Int) {
        free += count - self.count
        self.count = count
        letIn()
    }

    var waitingCount: Int { waiting.count }

    package func take() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    package func give() {
        free += 1
        letIn()
    }

    private func letIn() {
        while free > 0, !waiting.isEmpty {
            free -= 1
            waiting.removeFirst().resume()
        }
    }
}
