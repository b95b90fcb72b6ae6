import Core
import Logging

/// What is said of the model at the start, and whether the settings fit it.
struct ModelReport {
    private let settings: Settings
    private let logger: Logger

    init(_ settings: Settings, _ logger: Logger) {
        self.settings = settings
        self.logger = logger
    }

    func report(_ model: ModelDescription) {
        let layers = model.targets.map(\.path).joined(separator: ", ")
        logger.log(
            .started,
            """
            model \(model.name): \(model.labels.count) labels, explained at \(layers); libtorch \(model.libtorch), \
            \(model.cpuCapability), \(model.precision.rawValue), \(settings.workers.count) x \(model.threads) threads
            """)
        if model.preprocessingIsGuessed {
            logger.log(
                .modelDoubtful,
                "the model has no card: preprocessing and labels are guesses. Write one beside the file.")
        }
        if let detector = model.detector, detector.ignoredAttributes > 0, detector.exportedTask == nil {
            logger.log(
                .modelDoubtful,
                """
                \(detector.ignoredAttributes) numbers behind the classes of each box are ignored. Where those are \
                classes, too, list their labels in the model card.
                """)
        }
        for target in model.targets where !target.gradientFlows {
            logger.log(
                .modelDoubtful,
                "no gradient reaches \(target.path): maps are gradient-free and show no class. See 'gradcam inspect'.")
        }
    }

    /// A class that the model does not have would fail every image.
    static func check(_ detections: DetectionSettings, with model: ModelDescription) throws(ConfigurationError) {
        guard let detector = model.detector else { return }
        do throws(UnknownClassError) {
            _ = try detections.allowedClasses(
                labels: model.labels, count: detector.classes > 0 ? detector.classes : nil)
        } catch {
            throw ConfigurationError(problems: [
                ConfigurationProblem(
                    place: "settings", key: "detections.classes",
                    message: "names \"\(error.name.readable)\": \(error.message)",
                    remedy: error.remedy)
            ])
        }
    }
}
