import ArgumentParser
import Core

/// Which of a detector's boxes count, and what of them is explained.
struct DetectionOptions: ParsableArguments {
    @Option(help: "Objects with a higher score count, 0 to 1.")
    var confidence: Double = DetectionSettings().confidence

    @Option(
        help:
            "Of objects of a class that overlap more (0 to 1) only the surest counts. Default: as the exporter's predict."
    )
    var iou: Double?

    @Option(help: ArgumentHelp("Objects of a picture that count, the surest first.", valueName: "count"))
    var maxDetections: Int = DetectionSettings().maxDetections

    @Option(help: ArgumentHelp("Objects that get a map, the surest first.", valueName: "count"))
    var explained: Int = DetectionSettings().explained

    @Option(help: "What of a YOLOv5 box is explained.")
    var explain: DetectionTarget = .score

    @Option(
        help: ArgumentHelp(
            "Explain what this row of the output says, whatever its score; --target names its class.",
            valueName: "row"))
    var row: Int?

    @Option(help: "Beside the overlay with all objects: one of each, or all of them next to each other.")
    var objects: OverlayOptions.Objects = .together

    func validate() throws {
        guard (0...1).contains(confidence) else { throw ValidationError("--confidence must be from 0 to 1.") }
        guard (0...1).contains(iou ?? 0) else { throw ValidationError("--iou must be from 0 to 1.") }
        guard (1...DetectionSettings.detectionLimit).contains(maxDetections) else {
            throw ValidationError("--max-detections must be from 1 to \(DetectionSettings.detectionLimit).")
        }
        guard (1...Claim.maximumExplained).contains(explained) else {
            throw ValidationError("--explained must be from 1 to \(Claim.maximumExplained).")
        }
        guard row ?? 0 >= 0 else { throw ValidationError("--row counts from 0.") }
    }

    var settings: DetectionSettings {
        var settings = DetectionSettings()
        settings.confidence = confidence
        settings.iou = iou
        settings.maxDetections = maxDetections
        settings.explained = explained
        settings.target = explain
        return settings
    }
}

extension DetectionTarget: ExpressibleByArgument {}
extension OverlayOptions.Objects: ExpressibleByArgument {}
