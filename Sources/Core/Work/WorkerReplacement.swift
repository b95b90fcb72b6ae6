/// When a worker that still answers is replaced by a fresh one: libraries leak, and heaps fall to pieces.
package struct WorkerReplacement: Equatable, Sendable {
    /// 0: never.
    package var afterImages: Int
    /// Resident memory after an answer; 0: never.
    package var aboveBytes: Int

    package static let never = WorkerReplacement(afterImages: 0, aboveBytes: 0)

    package init(afterImages: Int, aboveBytes: Int) {
        self.afterImages = afterImages
        self.aboveBytes = aboveBytes
    }

    enum Reason: Equatable, CustomStringConvertible {
        case images(Int)
        case memory(bytes: Int, limit: Int)

        var description: String {
            switch self {
            case .images(let count): "it explained \(count) images (workers.replace_after_images)"
            case .memory(let bytes, let limit):
                "it holds \(bytes) bytes, more than the \(limit) of workers.replace_above_bytes"
            }
        }
    }

    /// - Parameter residentBytes: `nil` where the process cannot be looked at.
    func reason(images: Int, residentBytes: Int?) -> Reason? {
        if aboveBytes > 0, let residentBytes, residentBytes > aboveBytes {
            return .memory(bytes: residentBytes, limit: aboveBytes)
        }
        return afterImages > 0 && images >= afterImages ? .images(images) : nil
    }
}
