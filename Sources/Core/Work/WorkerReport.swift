import Glibc

/// What a worker is doing, for a status report.
package struct WorkerReport: Equatable, Sendable {
    package var processIdentifier: Int32
    /// `nil` where the process is gone.
    package var residentBytes: Int?
    /// Requests that it answered.
    package var images: Int
    /// When it was given the image that it works on; `nil` where it waits for one.
    package var busySince: ContinuousClock.Instant?
}

/// Memory that a process holds: the second number of /proc/PID/statm, in pages (proc(5)).
enum ResidentMemory {
    /// - Returns: bytes; `nil` where there is no such process, or it is another user's and hidden.
    static func bytes(ofProcess identifier: Int32) -> Int? {
        guard let file = fopen("/proc/\(identifier)/statm", "re") else { return nil }
        defer { fclose(file) }
        var text = [CChar](repeating: 0, count: 128)
        guard fgets(&text, Int32(text.count), file) != nil else { return nil }
        let numbers = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            .split(separator: " ")
        guard numbers.count > 1, let pages = Int(numbers[1]) else { return nil }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }
}
