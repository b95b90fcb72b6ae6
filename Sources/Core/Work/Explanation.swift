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
    /// Best first. Empty where no class reached the threshold.
    package var predictions: [Prediction]
    /// Why the map is not of a class's logit, where that is so; for people.
    package var notes: [String]
    /// Of the overlay without any prediction, and of predictions[i] the i-th; as asked for.
    package var overlays: [RawPath]
    package var heatMaps: [RawPath]
    package var milliseconds: Milliseconds

    package init(
        picture: Picture, predictions: [Prediction], notes: [String], overlays: [RawPath], heatMaps: [RawPath],
        milliseconds: Milliseconds
    ) {
        self.picture = picture
        self.predictions = predictions
        self.notes = notes
        self.overlays = overlays
        self.heatMaps = heatMaps
        self.milliseconds = milliseconds
    }

    private enum CodingKeys: String, CodingKey {
        case picture, predictions, notes, overlays, milliseconds
        case heatMaps = "heat_maps"
    }
}

/// One class that an image was taken for.
package struct Prediction: Codable, Equatable, Sendable {
    /// From 0, in the network's output.
    package var classIndex: Int
    package var label: String
    /// Probability, 0...1.
    package var score: Double
    /// The value that was differentiated; `nil` where it is not finite.
    package var logit: Double?
    package var heat: Heat

    package init(classIndex: Int, label: String, score: Double, logit: Double?, heat: Heat) {
        self.classIndex = classIndex
        self.label = label
        self.score = score
        self.logit = logit
        self.heat = heat
    }

    private enum CodingKeys: String, CodingKey {
        case label, score, logit, heat
        case classIndex = "class_index"
    }
}

/// How the heat of one prediction was made, and its numbers.
package struct Heat: Codable, Equatable, Sendable {
    package var method: SaliencyMethod
    package var layers: [String]
    /// What was differentiated: "logit", "log_probability", "log_odds", or "none" (gradient-free).
    package var target: String
    /// The probability is 1 in float32: from the output alone no gradient would be left.
    package var saturated: Bool
    /// Cells of the grid that the statistics were counted on: the network's input without its padding.
    package var gridWidth: Int
    package var gridHeight: Int
    /// Coordinates in pixels of the original picture.
    package var statistics: HeatStatistics

    package init(
        method: SaliencyMethod, layers: [String], target: String, saturated: Bool, gridWidth: Int, gridHeight: Int,
        statistics: HeatStatistics
    ) {
        self.method = method
        self.layers = layers
        self.target = target
        self.saturated = saturated
        self.gridWidth = gridWidth
        self.gridHeight = gridHeight
        self.statistics = statistics
    }

    private enum CodingKeys: String, CodingKey {
        case method, layers, target, saturated, statistics
        case gridWidth = "grid_width"
        case gridHeight = "grid_height"
    }
}

/// Where the time of one image went.
package struct Milliseconds: Codable, Equatable, Sendable {
    package var decode = 0.0
    package var preprocess = 0.0
    package var forward = 0.0
    /// Backward passes, maps and statistics of all predictions.
    package var explain = 0.0
    /// Blending, encoding, writing and syncing all files.
    package var write = 0.0

    package var total: Double { decode + preprocess + forward + explain + write }

    package init() {}
}
