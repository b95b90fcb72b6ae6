/// Sizes for people.
package enum ByteText {
    /// "3.4 MiB".
    package static func text(_ bytes: Int64) -> String {
        var value = Double(bytes)
        for unit in ["bytes", "KiB", "MiB", "GiB"] {
            if value < 1024 { return unit == "bytes" ? "\(bytes) bytes" : "\(rounded(value)) \(unit)" }
            value /= 1024
        }
        return "\(rounded(value)) TiB"
    }

    private static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}
