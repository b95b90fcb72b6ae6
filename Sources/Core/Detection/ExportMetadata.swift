/// What an exporter wrote about a network into its TorchScript file, in `extra/config.txt`: Ultralytics, and YOLOv5.
///
/// Everything may be missing, and nothing is trusted: what has an unexpected type or range counts as missing.
package struct ExportMetadata: Equatable, Sendable {
    package enum Task: String, CaseIterable, Codable, Sendable {
        case detect
        case segment
        case pose
        /// Rotated boxes.
        case obb
        case classify
    }

    /// The labels in the order of the classes: at most 10,000, of at most 200 Unicode scalars, without control
    /// characters. A class without name is "class 7". Empty where there are none.
    package var names: [String] = []
    /// There were more than that, and none was read.
    package var hasTooManyNames = false
    /// Pixels, 1...16384.
    package var inputWidth: Int?
    package var inputHeight: Int?
    /// Of the coarsest level: sides of the input are multiples of it. 1...16384.
    package var stride: Int?
    package var task: Task?
    /// The network drops overlapping boxes itself, by training.
    package var isEndToEnd: Bool?
    /// It takes other sizes than that of the input it was exported with.
    package var isDynamic: Bool?
    /// Non-maximum suppression was exported with it.
    package var includesNMS: Bool?
    /// Of the input, 1...1024.
    package var channels: Int?

    package static let longestNames = 10_000

    package init() {}
}

/// Why an exporter's metadata cannot be read.
package struct ExportMetadataError: Error, Equatable, Sendable {
    /// One sentence.
    package let message: String
}
