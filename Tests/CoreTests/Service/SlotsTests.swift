import Synchronization
import Testing

@testable import Core

@Suite("Slots", .timeLimit(.minutes(1))) struct SlotsTests {
    /// Who is in.
    private final class Count: Sendable {
        private let number = Mutex(0)

        var value: Int { number.withLock { $0 } }

        func add() { number.withLock { $0 += 1 } }
    }

    private func enter(_ slots: Slots, _ people: Int, _ count: Count) {
        for _ in 0..<people {
            Task {
                await slots.take()
                count.add()
            }
        }
    }

    private func until(_ condition: () async -> Bool) async throws {
        while await !condition() { try await Task.sleep(for: .milliseconds(5)) }
    }

    @Test("more may come in when there are more slots, fewer when there are fewer; who is in stays in")
    func resizing() async throws {
        let (slots, count) = (Slots(2), Count())
        enter(slots, 6, count)
        try await until { await slots.waitingCount == 4 }
        #expect(count.value == 2)
        await slots.resize(to: 3)
        try await until { count.value == 3 }
        #expect(await slots.waitingCount == 3)
        await slots.resize(to: 1)
        // Two must leave before there is one too few.
        for _ in 0..<2 { await slots.give() }
        #expect(await slots.waitingCount == 3)
        await slots.give()
        try await until { count.value == 4 }
        #expect(await slots.waitingCount == 2)
    }
}
