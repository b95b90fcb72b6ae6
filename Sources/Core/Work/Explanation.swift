/// What one image was taken for, and where the evidence lies.
package struct Explanation: Codable, Equatable, Sendable {
    /// Of the original, upright; of a tensor its own width and height.
    package struct Picture: Codable, Equatable, Sendable {
        package var width: Int
        package var height: Int
        /// "jpeg", "png", "webp", "tiff", "bmp", or "tensor".
        package var format: String

        package init(width: Int, height: Int, format: String) {
            self.width = width
            self.height = height
            self.format = format
        }
    }

    package var picture: Picture
    /// Best first. Empty where no class reached the threshold, or where a detector found nothing.
    package var predictions: [Prediction]
    /// More was found than may be explained: the last predictions have no heat.
    package var isCapped: Bool
    /// Why the map is not of a class's logit, where that is so; for people.
    package var notes: [String]
    /// Predictions say which is theirs; that of a picture without any prediction is the only one.
    package var overlays: [RawPath]
    /// Raw maps, the i-th of the i-th prediction.
    package var heatMaps: [RawPath]
    package var milliseconds: Milliseconds

    package init(
        picture: Picture, predictions: [Prediction], isCapped: Bool = false, notes: [String], overlays: [RawPath],
        heatMaps: [RawPath], milliseconds: Milliseconds
    ) {
        self.picture = picture
        self.predictions = predictions
        self.isCapped = isCapped
        self.notes = notes
        self.overlays = overlays
        self.heatMaps = heatMaps
        self.milliseconds = milliseconds
    }

    private enum CodingKeys: String, CodingKey {
        case picture, predictions, notes, overlays, milliseconds
        case isCapped = "is_capped"
        case heatMaps = "heat_maps"
    }
}

/// One class that an image was taken for, or one object that was found in it.
package struct Prediction: Codable, Equatable, Sendable {
    /// From 0, in the network's output.
    package var classIndex: Int
    package var label: String
    /// Probability, 0...1.
    package var score: Double
    /// The value that was differentiated; `nil` where it is not finite.
    package var logit: Double?
    /// `nil`: the picture as a whole.
    package var object: DetectedObject?
    /// `nil` where more was found than may be explained.
    package var heat: Heat?
    /// Its place among the explanation's overlays; several objects share one.
    package var overlay: Int?

    package init(
        classIndex: Int, label: String, score: Double, logit: Double?, object: DetectedObject? = nil, heat: Heat?,
        overlay: Int? = nil
    ) {
        self.classIndex = classIndex
        self.label = label
        self.score = score
        self.logit = logit
        self.object = object
        self.heat = heat
        self.overlay = overlay
    }

    private enum CodingKeys: String, CodingKey {
        case label, score, logit, object, heat, overlay
        case classIndex = "class_index"
    }
}

/// Where a detector saw an object.
package struct DetectedObject: Codable, Equatable, Sendable {
    /// In pixels of the original picture, cut off at its edges.
    package var box: Box
    /// 0...1; `nil` in a family that does not say so.
    package var objectness: Double?
    /// Of the network's output, from 0.
    package var row: Int
    /// Input pixels for each cell of the pyramid's level that saw it; `nil` where it was not explained by gradients,
    /// which tell the level.
    package var stride: Int?

    package init(box: Box, objectness: Double?, row: Int, stride: Int?) {
        self.box = box
        self.objectness = objectness
        self.row = row
        self.stride = stride
    }
}

/// How the heat of one prediction was made, and its numbers.
package struct Heat: Codable, Equatable, Sendable {
    package var method: SaliencyMethod
    package var layers: [String]
    /// What was differentiated: "logit", "log_probability", "log_odds", of YOLOv5 "score", "class", "objectness" or
    /// "logit", or "none" (gradient-free).
    package var target: String
    /// The probability is 1 in float32: from the output alone no gradient would be left.
    package var saturated: Bool
    /// Cells of the grid that the statistics were counted on: the network's input without its padding.
    package var gridWidth: Int
    package var gridHeight: Int
    /// Coordinates in pixels of the original picture.
    package var statistics: HeatStatistics
    /// Against the boxes; `nil` without one.
    package var inBox: HeatInBox?

    package init(
        method: SaliencyMethod, layers: [String], target: String, saturated: Bool, gridWidth: Int, gridHeight: Int,
        statistics: HeatStatistics, inBox: HeatInBox? = nil
    ) {
        self.method = method
        self.layers = layers
        self.target = target
        self.saturated = saturated
        self.gridWidth = gridWidth
        self.gridHeight = gridHeight
        self.statistics = statistics
        self.inBox = inBox
    }

    private enum CodingKeys: String, CodingKey {
        case method, layers, target, saturated, statistics
        case gridWidth = "grid_width"
        case gridHeight = "grid_height"
        case inBox = "in_box"
    }
}

/// Where the time of one image went.
package struct Milliseconds: Codable, Equatable, Sendable {
    package var decode = 0.0
    package var preprocess = 0.0
    package var forward = 0.0
    /// All predictions': `backward` and `map`.
    package var explain = 0.0
    /// All files': `blend`, `encode` and `sync`.
    package var write = 0.0

    /// Gradients, and their products with the activations.
    package var backward = 0.0
    /// Resizing, and statistics.
    package var map = 0.0
    /// Colours, boxes and captions.
    package var blend = 0.0
    package var encode = 0.0
    /// Writing into the file, and waiting for the disk.
    package var sync = 0.0

    package var total: Double { decode + preprocess + forward + explain + write }

    package init() {}
}
