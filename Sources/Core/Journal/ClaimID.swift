import Foundation

/// The name of a claim's folder: 12 hexadecimal digits of the time in milliseconds and 12 random ones, so that
/// folders sort by time and two daemons never choose the same.
package struct ClaimID: Hashable, Sendable {
    package let text: String

    package init() {
        let milliseconds = UInt64(max(0, Date().timeIntervalSince1970) * 1000)
        let random = UInt64.random(in: 0..<(1 << 48))
        text = Self.digits(milliseconds) + Self.digits(random)
    }

    /// Of an image that is explained once more; its folder remembers whose second explanation that is.
    package init(reexplaining id: Int64) { text = "\(ClaimID().text)-\(id)" }

    package var folder: FileName { FileName(bytes: text.utf8) ?? "claim" }

    /// The day of a claim in UTC, "2026-11-23".
    package static func day(of claim: String) -> FileName {
        Timestamp(milliseconds: Int64(claim.prefix(12), radix: 16) ?? 0).day
    }

    /// The arrival that a claim explains once more.
    package static func reexplained(by claim: String) -> Int64? {
        claim.split(separator: "-").dropFirst().first.flatMap { Int64($0) }
    }

    private static func digits(_ number: UInt64) -> String {
        let digits = String(number & ((1 << 48) - 1), radix: 16)
        return String(repeating: "0", count: 12 - digits.count) + digits
    }
}
