/// What a picture says of itself before its pixels are decoded. Reading it costs one pass over the file's markers and
/// allocates nothing that grows with the numbers in the file.
package struct ImageHeader: Equatable, Sendable {
    package var format: ImageFormat
    /// Of the stored pixels, before orientation. Both are 1 or more.
    package var width: Int
    package var height: Int
    /// Samples of each pixel, with alpha; 1 for a palette.
    package var channels: Int
    /// Bits of each sample.
    package var bitDepth: Int
    /// EXIF tag 274, 1...8; 1 where the file has none or a wrong one.
    package var orientation: Int
    /// The file holds all the pixel data that it announces; a copy that broke off does not.
    package var isComplete: Bool

    /// Width and height as people see the picture.
    package var uprightSize: (width: Int, height: Int) {
        orientation >= 5 ? (height, width) : (width, height)
    }

    /// - Parameter bytes: the whole file.
    package init(parsing bytes: Span<UInt8>) throws(ImageHeaderError) {
        switch try recognize(bytes) {
        case .jpeg: self = try parseJPEG(bytes)
        case .png: self = try parsePNG(bytes)
        case .webp: self = try parseWebP(bytes)
        case .tiff: self = try parseTIFF(bytes)
        case .bmp: self = try parseBMP(bytes)
        }
    }

    package init(parsing bytes: [UInt8]) throws(ImageHeaderError) {
        try self.init(parsing: bytes.span)
    }

    init(
        format: ImageFormat, width: Int, height: Int, channels: Int, bitDepth: Int, orientation: Int = 1,
        isComplete: Bool = false
    ) {
        self.format = format
        self.width = width
        self.height = height
        self.channels = channels
        self.bitDepth = bitDepth
        self.orientation = orientation
        self.isComplete = isComplete
    }
}
