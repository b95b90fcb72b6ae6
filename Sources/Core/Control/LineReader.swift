/// Cuts what a peer sends into lines, and never keeps more than one of the longest.
struct LineReader {
    private let socket: LocalSocket
    /// In bytes, without the line feed.
    private let limit: Int
    private var pending: [UInt8] = []
    private var hasEnded = false

    struct TooLong: Error {}

    init(_ socket: LocalSocket, limit: Int) {
        self.socket = socket
        self.limit = limit
    }

    /// The next line without its line feed; the last one needs none. `nil` at the end.
    ///
    /// - Throws: `TooLong`, and what `LocalSocket.receive` throws.
    mutating func line(until deadline: ContinuousClock.Instant?) async throws -> [UInt8]? {
        var searched = 0
        while true {
            if let end = pending[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                guard end <= limit else { throw TooLong() }
                let line = Array(pending[..<end])
                pending.removeSubrange(...end)
                return line
            }
            guard pending.count <= limit else { throw TooLong() }
            if hasEnded {
                defer { pending = [] }
                return pending.isEmpty ? nil : pending
            }
            searched = pending.count
            let bytes = try await socket.receive(until: deadline)
            hasEnded = bytes.isEmpty
            pending += bytes
        }
    }
}
