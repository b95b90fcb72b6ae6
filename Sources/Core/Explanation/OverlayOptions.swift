/// How the heat map is laid over the picture, and how the result is written.
package struct OverlayOptions: Codable, Equatable, Sendable {
    package enum Style: String, CaseIterable, Codable, Sendable {
        /// Alpha is opacity times heat: what is cold stays as it was.
        case blend
        /// The notebook's: saturate(opacity x colour + picture).
        case parity
    }

    package enum ColorMap: String, CaseIterable, Codable, Sendable { case jet, viridis, turbo, inferno }

    package enum Format: String, CaseIterable, Codable, Sendable {
        case jpeg, png

        package var fileExtension: String { self == .jpeg ? "jpg" : "png" }
    }

    /// What a detector's objects get beside the overlay that shows them all.
    package enum Objects: String, CaseIterable, Codable, Sendable {
        case together
        /// An overlay for each object.
        case separate
        /// One more file with the overlays of the objects next to each other.
        case sideBySide = "side-by-side"
    }

    package var style: Style = .blend
    package var colorMap: ColorMap = .jet
    /// 0...1; of the notebook it is the 0.4.
    package var opacity: Double = 0.6
    package var format: Format = .jpeg
    /// 1...100, JPEG only.
    package var quality: Int = 90
    package var caption: Bool = true
    package var colorBar: Bool = false
    package var objects: Objects = .together

    package init() {}

    /// Files that a detector's picture has at most.
    /// - Parameter explained: objects that get a map.
    package func fileCount(explained: Int) -> Int {
        switch objects {
        case .together: 1
        case .separate: 1 + explained
        case .sideBySide: 2
        }
    }

    private enum CodingKeys: String, CodingKey {
        case style, opacity, format, quality, caption, objects
        case colorMap = "color_map"
        case colorBar = "color_bar"
    }

    /// Keys that are missing keep their defaults, so that a request written by hand stays short.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        style = try container.decodeIfPresent(Style.self, forKey: .style) ?? style
        colorMap = try container.decodeIfPresent(ColorMap.self, forKey: .colorMap) ?? colorMap
        opacity = try container.decodeIfPresent(Double.self, forKey: .opacity) ?? opacity
        format = try container.decodeIfPresent(Format.self, forKey: .format) ?? format
        quality = try container.decodeIfPresent(Int.self, forKey: .quality) ?? quality
        caption = try container.decodeIfPresent(Bool.self, forKey: .caption) ?? caption
        colorBar = try container.decodeIfPresent(Bool.self, forKey: .colorBar) ?? colorBar
        objects = try container.decodeIfPresent(Objects.self, forKey: .objects) ?? objects
    }
}
