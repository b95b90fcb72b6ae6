/// One line of JSON to gradcam-worker. Only `image` or `tensor` must be there, so that
/// `echo '{"image":"cat.jpg"}' | gradcam-worker --model M` works by hand.
package struct WorkerRequest: Equatable, Sendable {
    package enum Action: String, Codable, Sendable {
        case explain
        /// Describe the network: the answer is a `ModelDescription` with all layers.
        case inspect
    }

    /// Of the messages in both directions; a worker refuses any other.
    package static let version = 1

    package var version = Self.version
    /// Comes back in the response.
    package var id = ""
    package var action = Action.explain
    /// A photograph: JPEG, PNG, WebP, TIFF or BMP. Never followed where it is a symbolic link.
    package var image: RawPath?
    /// Instead of a photograph: float32 N,C,H,W in a .npy file, not preprocessed, N = 1.
    package var tensor: RawPath?
    /// Of a classifier: explain the most probable classes, at most so many.
    package var top = 1
    /// Of a detector: which objects count, and what of them is explained.
    package var detections = DetectionSettings()
    /// Of classifiers with several independent classes (sigmoid): those at least so probable, 0...1.
    package var threshold = 0.5
    /// Explain these classes instead: labels, or indices from 0. Of a detector the objects of these classes.
    package var targets: [String] = []
    /// Of a detector: explain what this row of its output says, instead of what is found.
    package var row: Int?
    /// `nil`: the model's default.
    package var method: SaliencyMethod?
    /// Where the overlays go; written whole and synced before the answer. Of a classifier one for each prediction,
    /// best first. Of a detector the first shows all objects; then what `overlay.objects` asks for.
    package var overlays: [RawPath] = []
    package var overlay = OverlayOptions()
    /// Where the raw maps go, as float32 .npy on the layer's own grid, one file for each prediction.
    package var heatMaps: [RawPath] = []

    package init() {}
}

extension WorkerRequest: Codable {
    private enum CodingKeys: String, CodingKey {
        case version, id, action, image, tensor, top, detections, threshold, targets, row, method, overlays, overlay
        case heatMaps = "heat_maps"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        version = try container.decodeIfPresent(Int.self, forKey: .version) ?? version
        id = try container.decodeIfPresent(String.self, forKey: .id) ?? id
        action = try container.decodeIfPresent(Action.self, forKey: .action) ?? action
        image = try container.decodeIfPresent(RawPath.self, forKey: .image)
        tensor = try container.decodeIfPresent(RawPath.self, forKey: .tensor)
        top = try container.decodeIfPresent(Int.self, forKey: .top) ?? top
        detections = try container.decodeIfPresent(DetectionSettings.self, forKey: .detections) ?? detections
        threshold = try container.decodeIfPresent(Double.self, forKey: .threshold) ?? threshold
        targets = try container.decodeIfPresent([String].self, forKey: .targets) ?? targets
        row = try container.decodeIfPresent(Int.self, forKey: .row)
        method = try container.decodeIfPresent(SaliencyMethod.self, forKey: .method)
        overlays = try container.decodeIfPresent([RawPath].self, forKey: .overlays) ?? overlays
        overlay = try container.decodeIfPresent(OverlayOptions.self, forKey: .overlay) ?? overlay
        heatMaps = try container.decodeIfPresent([RawPath].self, forKey: .heatMaps) ?? heatMaps
    }
}
