import Foundation
import Glibc
import Testing

@testable import Core

/// An actor that sleeps as the watcher of the inbox does.
private actor Sleeper {
    private let thread: PollingThread
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
    private(set) var isAsleep = false

    init(watching descriptor: Int32) throws { thread = try PollingThread(name: "sleeper", watching: descriptor) }

    func sleep(for duration: Duration) async -> Bool {
        isAsleep = true
        defer { isAsleep = false }
        return await thread.sleep(until: .now + duration)
    }

    nonisolated func wake() { thread.wake() }

    /// proc(5): with a line feed.
    var threadName: String {
        get throws { try String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8) }
    }
}

@Suite("Polling thread", .serialized, .timeLimit(.minutes(1))) struct PollingThreadTests {
    private static let long: Duration = .seconds(3600)

    private let reading: Int32
    private let writing: Int32

    init() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        (reading, writing) = (ends[0], ends[1])
    }

    private func closeAll() {
        close(reading)
        close(writing)
    }

    /// Until the sleep has begun, which lets the actor answer.
    private func untilAsleep(_ sleeper: Sleeper) async {
        while await !sleeper.isAsleep { await Task.yield() }
    }

    @Test("jobs run on the thread of that name, also while the actor sleeps") func jobs() async throws {
        let sleeper = try Sleeper(watching: reading)
        #expect(try await sleeper.threadName == "sleeper\n")
        async let isWoken = sleeper.sleep(for: Self.long)
        await untilAsleep(sleeper)
        #expect(try await sleeper.threadName == "sleeper\n")
        sleeper.wake()
        #expect(await isWoken)
        closeAll()
    }

    @Test("a sleep ends when the descriptor can be read") func descriptor() async throws {
        let sleeper = try Sleeper(watching: reading)
        async let isWoken = sleeper.sleep(for: Self.long)
        await untilAsleep(sleeper)
        #expect(write(writing, "x", 1) == 1)
        #expect(await isWoken)
        closeAll()
    }

    @Test("a sleep ends at its time") func time() async throws {
        let sleeper = try Sleeper(watching: reading)
        let begun = ContinuousClock.now
        #expect(await sleeper.sleep(for: .milliseconds(30)))
        #expect(ContinuousClock.now - begun >= .milliseconds(30))
        closeAll()
    }

    @Test("whoever is woken before the sleep does not sleep, once") func early() async throws {
        let sleeper = try Sleeper(watching: reading)
        sleeper.wake()
        #expect(await sleeper.sleep(for: Self.long))
        let task = Task { await sleeper.sleep(for: Self.long) }
        await untilAsleep(sleeper)
        task.cancel()
        #expect(await !task.value)
        closeAll()
    }

    @Test("a cancelled task does not sleep, whenever it was cancelled") func cancelled() async throws {
        let sleeper = try Sleeper(watching: reading)
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return await sleeper.sleep(for: Self.long)
        }
        task.cancel()
        #expect(await !task.value)
        closeAll()
    }

    @Test("the thread ends with its actor") func end() async throws {
        let before = try threads()
        do {
            let sleeper = try Sleeper(watching: reading)
            #expect(try await sleeper.threadName == "sleeper\n")
        }
        while try threads() > before { await Task.yield() }
        closeAll()
    }

    /// Of this process that have the name.
    private func threads() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count { thread in
            (try? String(contentsOfFile: "/proc/self/task/\(thread)/comm", encoding: .utf8)) == "sleeper\n"
        }
    }
}
