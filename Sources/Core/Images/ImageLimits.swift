/// What a picture may cost. Its sizes are checked before memory is spent on it; time and memory are held by the worker.
/// The names of the settings are in the remedies.
package struct ImageLimits: Equatable, Sendable {
    /// 256 MiB.
    package static let defaultMaxFileBytes = 268_435_456
    /// 100 megapixels: 300 MB decoded.
    package static let defaultMaxPixels = 100_000_000
    package static let defaultMaxSide = 32_768
    /// The strips of line-scan cameras pass.
    package static let defaultMaxAspect = 1000
    package static let defaultDecodeSeconds = 30.0
    /// 8 GiB. A worker with ResNet-18 has 1 GiB of address space, and needs 2 GiB for 100 megapixels of 16 bit.
    package static let defaultWorkerMemoryBytes = 8_589_934_592

    package var maxFileBytes: Int
    package var maxPixels: Int
    package var maxSide: Int
    /// The longer side by the shorter one.
    package var maxAspect: Int
    package var decodeSeconds: Double
    /// Address space of a worker's process; 0: as much as there is.
    package var workerMemoryBytes: Int

    package init(
        maxFileBytes: Int = defaultMaxFileBytes, maxPixels: Int = defaultMaxPixels, maxSide: Int = defaultMaxSide,
        maxAspect: Int = defaultMaxAspect, decodeSeconds: Double = defaultDecodeSeconds,
        workerMemoryBytes: Int = defaultWorkerMemoryBytes
    ) {
        self.maxFileBytes = maxFileBytes
        self.maxPixels = maxPixels
        self.maxSide = maxSide
        self.maxAspect = maxAspect
        self.decodeSeconds = decodeSeconds
        self.workerMemoryBytes = workerMemoryBytes
    }

    /// Before the file is read.
    package func check(fileBytes: Int) throws(ImageLimitError) {
        guard fileBytes <= maxFileBytes else { throw .fileTooLarge(bytes: fileBytes, limit: maxFileBytes) }
    }

    /// Before the pixels are decoded.
    package func check(_ header: ImageHeader) throws(ImageLimitError) {
        let side = max(header.width, header.height)
        guard side <= maxSide else { throw .sideTooLong(side: side, limit: maxSide) }
        let (pixels, overflow) = header.width.multipliedReportingOverflow(by: header.height)
        guard !overflow, pixels <= maxPixels else {
            throw .tooManyPixels(width: header.width, height: header.height, limit: maxPixels)
        }
        // shorter * maxAspect may overflow; no header states a side of 0.
        guard (side - 1) / max(min(header.width, header.height), 1) < maxAspect else {
            throw .tooElongated(width: header.width, height: header.height, limit: maxAspect)
        }
    }
}

/// A picture beyond the limits.
package enum ImageLimitError: Error, Equatable, Sendable {
    case fileTooLarge(bytes: Int, limit: Int)
    case tooManyPixels(width: Int, height: Int, limit: Int)
    case sideTooLong(side: Int, limit: Int)
    case tooElongated(width: Int, height: Int, limit: Int)

    /// One sentence.
    package var message: String {
        switch self {
        case .fileTooLarge(let bytes, let limit):
            "The file has \(bytes) bytes; the limit is \(limit)."
        case .tooManyPixels(let width, let height, let limit):
            "The picture has \(width) x \(height) pixels; the limit is \(limit) in all."
        case .sideTooLong(let side, let limit):
            "The picture's longer side has \(side) pixels; the limit is \(limit)."
        case .tooElongated(let width, let height, let limit):
            "The picture has \(width) x \(height) pixels; one side may be \(limit) times as long as the other."
        }
    }

    /// What the person can do.
    package var remedy: String {
        switch self {
        case .fileTooLarge: "Send a smaller file, or raise limits.max_file_bytes."
        case .tooManyPixels: "Downscale the picture, or raise limits.max_pixels."
        case .sideTooLong: "Downscale the picture, or raise limits.max_side."
        case .tooElongated: "Cut the picture into pieces, or raise limits.max_aspect."
        }
    }
}
