/// The formats that are read.
package enum ImageFormat: String, CaseIterable, Codable, Sendable {
    case jpeg, png, webp, tiff, bmp

    /// As people write it.
    package var name: String {
        switch self {
        case .jpeg: "JPEG"
        case .png: "PNG"
        case .webp: "WebP"
        case .tiff: "TIFF"
        case .bmp: "BMP"
        }
    }
}
