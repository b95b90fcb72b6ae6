/// Tasks that wait for a value, first come, first served.
struct Waiters<Value: Sendable> {
    private var continuations: [(id: UInt64, continuation: CheckedContinuation<Value?, Never>)] = []
    private var nextID: UInt64 = 0

    var isEmpty: Bool { continuations.isEmpty }

    mutating func makeID() -> UInt64 {
        nextID += 1
        return nextID
    }

    mutating func append(_ id: UInt64, _ continuation: CheckedContinuation<Value?, Never>) {
        continuations.append((id, continuation))
    }

    mutating func resumeFirst(returning value: Value) {
        guard !continuations.isEmpty else { return }
        continuations.removeFirst().continuation.resume(returning: value)
    }

    /// Lets one go without a value.
    mutating func cancel(_ id: UInt64) {
        guard let index = continuations.firstIndex(where: { $0.id == id }) else { return }
        continuations.remove(at: index).continuation.resume(returning: nil)
    }

    mutating func resumeAll(returning value: Value?) {
        let all = continuations
        continuations = []
        for waiter in all { waiter.continuation.resume(returning: value) }
    }
}
