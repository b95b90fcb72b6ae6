import Foundation
import SystemPackage
import Testing

@testable import Core

@Suite("Local socket", .timeLimit(.minutes(3))) struct LocalSocketTests {
    private let folder: TemporaryFolder
    private let listener: LocalSocket
    private let client: LocalSocket

    init() throws {
        folder = try TemporaryFolder()
        listener = try LocalSocket()
        try listener.listen(at: folder.path.appending("s"), mode: 0o600)
        client = try LocalSocket()
        try client.connect(to: folder.path.appending("s"))
    }

    @Test("a wait ends with its task, also where that was cancelled before it began") func cancelled() async throws {
        let listener = listener
        let first = try await listener.accept()
        for isEarly in [true, false] {
            let task = Task {
                while isEarly && !Task.isCancelled { await Task.yield() }
                _ = try await listener.accept()
            }
            let reading = Task { try await first.receive(until: nil) }
            if !isEarly { try await Task.sleep(for: .milliseconds(10)) }
            task.cancel()
            reading.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            await #expect(throws: CancellationError.self) { try await reading.value }
        }
        // The descriptors are none the worse for it.
        try await client.send("a", until: nil)
        #expect(try await first.receive(until: nil) == [UInt8(ascii: "a")])
    }

    @Test("waits end at their deadline; a line that was cut short ends the conversation") func deadline() async throws {
        let server = try await listener.accept()
        await #expect(throws: Errno.timedOut) { try await server.receive(until: .now + .milliseconds(5)) }
        let much = String(repeating: "x", count: 8 << 20)
        await #expect(throws: Errno.timedOut) { try await server.send(much, until: .now + .milliseconds(5)) }
        await #expect(throws: Errno.brokenPipe) { try await server.send("y", until: nil) }
    }

    @Test("what does not fit at once is sent when there is room, also by a cancelled task") func large() async throws {
        let (client, server) = (client, try await listener.accept())
        let much = String(repeating: "0123456789", count: 100_000)
        let sending = Task { try await server.send(much, until: nil) }
        sending.cancel()
        var count = 0
        while count < much.utf8.count { count += try await client.receive(until: nil).count }
        try await sending.value
        #expect(count == 1_000_000)
    }

    @Test("lines of any cut; the last one needs no line feed; a longer one is refused") func lines() async throws {
        let (client, server) = (client, try await listener.accept())
        var reader = LineReader(server, limit: 5)
        try await client.send("ab", until: nil)
        let sending = Task {
            try await client.send("c\n\n12345\nrest", until: nil)
            _ = shutdown(client.descriptor, Int32(SHUT_WR))
        }
        var lines: [String] = []
        while let line = try await reader.line(until: nil) { lines.append(String(decoding: line, as: UTF8.self)) }
        try await sending.value
        #expect(lines == ["abc", "", "12345", "rest"])
        for text in ["123456", "123456\n"] {
            let peer = try LocalSocket()
            try peer.connect(to: folder.path.appending("s"))
            var reader = LineReader(try await listener.accept(), limit: 5)
            try await peer.send(text, until: nil)
            await #expect(throws: LineReader.TooLong.self) { try await reader.line(until: nil) }
        }
    }
}
