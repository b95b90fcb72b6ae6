/// How a picture becomes the network's input: what the card says, and for the rest what networks of the task usually
/// were trained with.
package struct Preprocessing: Equatable, Sendable {
    package var resize: ResizeMode
    /// The share of the shorter side that the crop keeps, 0...1.
    package var cropFraction: Double
    package var interpolation: Interpolation
    /// 0...255, in the border that letterbox adds.
    package var padding: Int
    /// One value for all channels or one for each, of pixels from 0 to 1.
    package var mean: [Double]
    package var std: [Double]

    /// - Parameter isUltralyticsExport: their classifiers are trained on pixels of 0...1, without ImageNet's mean and
    ///   deviation, and their pictures are not cut any closer than to a square.
    package init(card: ModelCard, task: ModelCard.Task, isUltralyticsExport: Bool) {
        let isDetector = task == .detection
        let takesPlainPixels = isDetector || isUltralyticsExport
        resize = card.resize ?? (isDetector ? .letterbox : .shorterSideAndCenterCrop)
        cropFraction = card.cropFraction ?? (isUltralyticsExport ? 1 : 0.875)
        // Ultralytics and YOLOv5 letterbox with OpenCV's INTER_LINEAR.
        interpolation = card.interpolation ?? (isDetector ? .linear : .area)
        padding = card.padding
        mean = card.mean.isEmpty ? (takesPlainPixels ? [0] : [0.485, 0.456, 0.406]) : card.mean
        std = card.std.isEmpty ? (takesPlainPixels ? [1] : [0.229, 0.224, 0.225]) : card.std
    }
}

/// How pixels are interpolated when a picture is scaled to the network's input.
package enum Interpolation: String, CaseIterable, Codable, Sendable { case area, linear, cubic }
