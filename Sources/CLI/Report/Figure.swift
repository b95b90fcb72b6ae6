import Foundation

/// Numbers of a report as people read them, and as SVG has them.
enum Figure {
    /// Two digits behind the point at most, three of small numbers: "0.35", "2", "0.004".
    static func text(_ value: Double?) -> String { value.map { number($0, digits: abs($0) < 0.1 ? 3 : 2) } ?? "–" }

    static func number(_ value: Double, digits: Int = 2) -> String {
        guard value.isFinite else { return "0" }
        var text = String(format: "%.\(digits)f", value)
        if text.contains(".") {
            while text.last == "0" { text.removeLast() }
            if text.last == "." { text.removeLast() }
        }
        return text == "-0" ? "0" : text
    }

    /// "12 %".
    static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

    /// "340 ms", "2.4 s".
    static func milliseconds(_ value: Double) -> String {
        value < 9.95
            ? String(format: "%.1f ms", value)
            : value < 1000 ? String(format: "%.0f ms", value) : String(format: "%.1f s", value / 1000)
    }

    /// "+0.8".
    static func signed(_ value: Double) -> String {
        let text = String(format: "%+.1f", value)
        return text == "-0.0" || text == "+0.0" ? "0.0" : text.replacing("-", with: "−")
    }
}
