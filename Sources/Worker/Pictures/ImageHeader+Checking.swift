import Core

extension ImageHeader {
    /// Of a file that is a whole picture, within the limits.
    ///
    /// - Throws: `not_an_image`, `unsupported_image`, `damaged_image`, `truncated_image`, `image_too_large`.
    init(of bytes: [UInt8], limits: ImageLimits) throws(Failure) {
        let header: ImageHeader
        do { header = try ImageHeader(parsing: bytes) } catch { throw Failure(error) }
        do { try limits.check(header) } catch {
            throw Failure(.imageTooLarge, error.message, remedy: error.remedy)
        }
        guard header.isComplete else {
            throw Failure(
                .truncatedImage, "The \(header.format.name) file is cut off: its end is missing.",
                remedy: "Copy the file again: the last copy did not finish.")
        }
        self = header
    }
}

extension Failure {
    fileprivate init(_ error: ImageHeaderError) {
        let code: Code =
            switch error {
            case .notAnImage: .notAnImage
            case .unsupported: .unsupportedImage
            case .damaged: .damagedImage
            case .truncated: .truncatedImage
            }
        self.init(code, error.message, remedy: error.remedy)
    }
}
