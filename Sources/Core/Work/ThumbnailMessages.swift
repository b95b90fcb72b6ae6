package import Foundation

/// One line of JSON to `gradcam-worker --thumbnails`.
package struct ThumbnailRequest: Codable, Equatable, Sendable {
    package var version = WorkerRequest.version
    /// Comes back in the response.
    package var id: String
    /// Never followed where it is a symbolic link.
    package var image: RawPath
    /// Pixels of the longer side at most, 16...1024.
    package var side: Int

    package init(id: String, image: RawPath, side: Int) {
        self.id = id
        self.image = image
        self.side = side
    }
}

/// One line of JSON from `gradcam-worker --thumbnails` for each request.
package struct ThumbnailResponse: Codable, Equatable, Sendable {
    package var version = WorkerRequest.version
    package var id: String
    package var thumbnail: Thumbnail?
    /// Where there is no thumbnail.
    package var failure: Failure?

    package init(id: String, thumbnail: Thumbnail? = nil, failure: Failure? = nil) {
        self.id = id
        self.thumbnail = thumbnail
        self.failure = failure
    }
}

/// A small JPEG file.
package struct Thumbnail: Codable, Equatable, Sendable {
    package var width: Int
    package var height: Int
    package var jpeg: Data

    package init(width: Int, height: Int, jpeg: Data) {
        self.width = width
        self.height = height
        self.jpeg = jpeg
    }
}
