/// One metric with all its series, as Prometheus reads it: text format 0.0.4,
/// https://prometheus.io/docs/instrumenting/exposition_formats/
package struct MetricFamily: Equatable, Sendable {
    package enum Kind: String, Sendable { case counter, gauge, histogram }

    package struct Sample: Equatable, Sendable {
        /// "_bucket" of a histogram, for example.
        var suffix = ""
        var labels: [(name: String, value: String)]
        var value: Double

        package static func == (left: Self, right: Self) -> Bool { left.line(of: "") == right.line(of: "") }

        func line(of name: String) -> String {
            let list = labels.map { "\($0.name)=\"\(MetricFamily.escaped($0.value))\"" }.joined(separator: ",")
            return "\(name)\(suffix)\(list.isEmpty ? "" : "{\(list)}") \(MetricFamily.text(of: value))\n"
        }
    }

    let name: String
    let kind: Kind
    let help: String
    package private(set) var samples: [Sample] = []

    init(_ name: String, _ kind: Kind, _ help: String) {
        self.name = name
        self.kind = kind
        self.help = help
    }

    mutating func add(_ value: Double, _ labels: (name: String, value: String)...) {
        samples.append(Sample(labels: labels, value: value))
    }

    mutating func add(_ histogram: DurationHistogram, _ labels: (name: String, value: String)...) {
        let bounds = DurationHistogram.bounds.map(Self.text(of:)) + ["+Inf"]
        for (bound, count) in zip(bounds, histogram.cumulative) {
            samples.append(Sample(suffix: "_bucket", labels: labels + [("le", bound)], value: Double(count)))
        }
        samples.append(Sample(suffix: "_sum", labels: labels, value: histogram.sum))
        samples.append(Sample(suffix: "_count", labels: labels, value: Double(histogram.count)))
    }

    /// Empty where there is no series.
    package var text: String {
        guard !samples.isEmpty else { return "" }
        let help = help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
        return "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
            + samples.map { $0.line(of: name) }.joined()
    }

    static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    /// Whole numbers without a fraction, so that people read them more easily.
    static func text(of value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value.rounded() == value && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }
}
