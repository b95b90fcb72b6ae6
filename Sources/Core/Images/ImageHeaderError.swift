/// Why the leading bytes of a file do not make a picture that can be decoded.
package enum ImageHeaderError: Error, Equatable, Sendable {
    /// No picture at all; what it looks like: "a text file".
    case notAnImage(String)
    /// A picture, but of a kind that is not read: "an animated WebP picture".
    case unsupported(String)
    /// The header contradicts its format; how: "has a width of 0".
    case damaged(ImageFormat, String)
    /// The file ends before the header does.
    case truncated(ImageFormat)

    /// One sentence.
    package var message: String {
        switch self {
        case .notAnImage(let kind): "The file is not a picture but \(kind)."
        case .unsupported(let kind): "The file is \(kind), which is not supported."
        case .damaged(let format, let fault): "The \(format.name) file is damaged: its header \(fault)."
        case .truncated(let format): "The \(format.name) file is cut off: it ends within its header."
        }
    }

    /// What the person can do.
    package var remedy: String {
        switch self {
        case .notAnImage: "Send a JPEG, PNG, WebP, TIFF or BMP file."
        case .unsupported: "Convert it to an 8-bit PNG or JPEG file."
        case .damaged: "Open it in an image editor and save it again, or get the original."
        case .truncated: "Copy the file again: the last copy did not finish."
        }
    }
}
