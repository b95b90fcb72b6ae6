import Core
import Foundation

/// Numbers as people read them.
enum Quantity {
    /// "1,204".
    static func count(_ number: Int) -> String {
        var digits = String(number.magnitude)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return (number < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
    }

    /// "1 image", "2 images".
    static func count(_ number: Int, _ noun: String) -> String { "\(count(number)) \(noun)\(number == 1 ? "" : "s")" }

    /// "412 MB", "12.3 GB": powers of 1000, as disks are sold.
    static func size(_ bytes: Int64) -> String {
        var value = Double(bytes)
        var units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"][...]
        // 999.5 would be shown as 1000.
        while value.magnitude >= 999.5, units.count > 1 {
            value /= 1000
            units.removeFirst()
        }
        let digits = value.magnitude >= 99.95 || units.first == "B" ? 0 : 1
        return String(format: "%.\(digits)f", value) + " " + (units.first ?? "")
    }

    /// "2026-11-25 08:14" of the log's "2026-11-25T08:14:59.000Z".
    static func minute(_ time: String) -> String { String(time.prefix(16)).replacing("T", with: " ").readable }
}
