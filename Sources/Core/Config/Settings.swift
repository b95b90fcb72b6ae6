import Configuration
package import SystemPackage

/// Everything that an operator may set, read once and handed on as a plain value. `etc/gradcamd/gradcamd.yaml`
/// says what each key means.
package struct Settings: Equatable, Sendable {
    package struct Model: Equatable, Sendable {
        package enum Owner: String, CaseIterable, Sendable {
            /// TorchScript is code: only root may have written it.
            case root
            /// Root or the user that the daemon runs as: for a try-out in one's own folder.
            case `self`
        }

        package var file: FilePath
        package var owner: Owner
        /// Dotted paths; empty takes the card's, else the automatic one.
        package var layers: [String]
        package var precision: Precision
    }

    package struct Explanations: Equatable, Sendable {
        /// `nil`: the model's default.
        package var method: SaliencyMethod?
        package var top: Int
        /// 0...1, for networks with several independent classes.
        package var threshold: Double
        package var saveHeatMaps: Bool
    }

    package struct Workers: Equatable, Sendable {
        /// The number itself also where the settings say "auto".
        package var count: Int
        /// Threads inside one operation of libtorch.
        package var threads: Int
        package var deadline: Duration
        /// For the network to load.
        package var startDeadline: Duration
        package var replacement: WorkerReplacement
    }

    package struct Inbox: Equatable, Sendable {
        /// A file is taken when it did not change for so long.
        package var settle: Duration
        package var rescan: Duration
        package var watch: WatchMode
        /// How often is looked where nobody tells of arrivals.
        package var poll: Duration
        /// So long a file waits for the rest of it.
        package var truncated: Duration
        /// Whether `inbox/_STATUS.txt` tells people without a shell what the service does.
        package var statusFile: Bool
    }

    package struct Policy: Equatable, Sendable {
        package enum Originals: String, CaseIterable, Sendable { case archive, delete, keep }
        package enum Duplicates: String, CaseIterable, Sendable { case reuse, explain }

        /// What becomes of an image's file when it was explained.
        package var originals: Originals
        /// What becomes of an image whose content was explained before.
        package var duplicates: Duplicates
    }

    package struct Log: Equatable, Sendable {
        package var file: FilePath
        /// A name of swift-log's levels.
        package var level: String
    }

    package struct Control: Equatable, Sendable {
        /// Where the service listens for `gradcam status` and its like; `nil` for nowhere.
        package var socket: FilePath?
    }

    /// The folder that holds inbox/, work/, done/, failed/ and outbox/, on one file system.
    package var root: FilePath
    package var model: Model
    package var explanations: Explanations
    package var detections: DetectionSettings
    package var overlay: OverlayOptions
    package var workers: Workers
    package var inbox: Inbox
    package var policy: Policy
    package var limits: ImageLimits
    /// Nothing is claimed while a disk has less.
    package var minFreeBytes: Int
    package var log: Log
    package var control: Control
    package var retention: RetentionPolicy
}

extension Settings {
    package enum LogLevel: String, CaseIterable, Sendable { case debug, info, notice, warning, error }

    private static let defaults: [AbsoluteConfigKey: ConfigValue] = [
        "model.file": "",
        "model.owner": "root",
        "model.layers": ConfigValue(.stringArray([]), isSecret: false),
        "model.precision": "float32",
        "explanations.method": "auto",
        "explanations.top": 1,
        "explanations.threshold": 0.5,
        "explanations.save_heat_maps": false,
        "detections.confidence": 0.25,
        "detections.iou": "auto",
        "detections.max_detections": 300,
        "detections.classes": ConfigValue(.stringArray([]), isSecret: false),
        "detections.explained": 16,
        "detections.target": "score",
        "overlay.style": "blend",
        "overlay.color_map": "jet",
        "overlay.opacity": 0.6,
        "overlay.format": "jpeg",
        "overlay.quality": 90,
        "overlay.caption": true,
        "overlay.color_bar": false,
        "overlay.objects": "together",
        "workers.count": "auto",
        "workers.threads": 1,
        "workers.deadline_seconds": 120.0,
        "workers.start_deadline_seconds": 120.0,
        "workers.replace_after_images": 10_000,
        "workers.replace_above_bytes": 4_294_967_296,
        "inbox.settle_seconds": 1.5,
        "inbox.rescan_seconds": 60.0,
        "inbox.status_file": false,
        "inbox.watch": "auto",
        "inbox.poll_seconds": 5.0,
        "inbox.truncated_seconds": 60.0,
        "policy.originals": "archive",
        "policy.duplicates": "reuse",
        "limits.max_file_bytes": 268_435_456,
        "limits.max_pixels": 100_000_000,
        "limits.max_side": 32_768,
        "limits.min_free_bytes": 268_435_456,
        "limits.max_aspect": 1000,
        "limits.decode_seconds": 30.0,
        "limits.worker_memory_bytes": 8_589_934_592,
        "log.level": "info",
        "retention.originals_days": 0,
        "retention.originals_bytes": 0,
        "retention.overlays_days": 0,
        "retention.overlays_bytes": 0,
        "retention.failed_days": 0,
        "retention.rows_days": 0,
        "retention.log_bytes": 0,
    ]

    private static func defaults(of instance: Instance) -> [AbsoluteConfigKey: ConfigValue] {
        let places: [AbsoluteConfigKey: ConfigValue] = [
            "root": ConfigValue(stringLiteral: instance.root.string),
            "log.file": ConfigValue(stringLiteral: instance.log.string),
            "control.socket": ConfigValue(stringLiteral: instance.socket.string),
        ]
        return defaults.merging(places) { $1 }
    }

    /// Command line over environment over file over defaults.
    ///
    /// - Parameters:
    ///   - file: YAML; `nil` for none.
    ///   - arguments: from dotted keys to text.
    ///   - environment: variables such as `GRADCAMD_MODEL_FILE`.
    ///   - instance: whose places are the defaults.
    ///   - resources: what "auto" is derived from.
    /// - Throws: all problems at once, each with its place and remedy.
    package init(
        file: FilePath?, arguments: [String: String] = [:], environment: [String: String] = [:],
        instance: Instance = .plain, resources: Resources = Resources()
    ) async throws(ConfigurationError) {
        let document: YAMLDocument? = if let file { try YAMLDocument(contentsOf: file) } else { nil }
        var reader = try await SettingsReader(
            document: document, arguments: arguments, environment: environment, defaults: Self.defaults(of: instance))
        root = reader.absolutePath("root")
        model = Model(
            file: reader.absolutePath("model.file"), owner: reader.choice("model.owner", .root),
            layers: reader.strings("model.layers"), precision: reader.choice("model.precision", .float32))
        explanations = Explanations(
            method: reader.choiceUnlessAuto("explanations.method"),
            top: reader.int("explanations.top", in: 1...Claim.maximumExplained),
            threshold: reader.double("explanations.threshold", in: 0...1),
            saveHeatMaps: reader.bool("explanations.save_heat_maps"))
        detections = DetectionSettings()
        detections.confidence = reader.double("detections.confidence", in: 0...1)
        detections.iou = reader.doubleUnlessAuto("detections.iou", in: 0...1)
        detections.maxDetections = reader.int("detections.max_detections", in: 1...DetectionSettings.detectionLimit)
        detections.classes = reader.strings("detections.classes")
        detections.explained = reader.int("detections.explained", in: 1...Claim.maximumExplained)
        detections.target = reader.choice("detections.target", .score)
        overlay = OverlayOptions()
        overlay.style = reader.choice("overlay.style", .blend)
        overlay.colorMap = reader.choice("overlay.color_map", .jet)
        overlay.opacity = reader.double("overlay.opacity", in: 0...1)
        overlay.format = reader.choice("overlay.format", .jpeg)
        overlay.quality = reader.int("overlay.quality", in: 1...100)
        overlay.caption = reader.bool("overlay.caption")
        overlay.colorBar = reader.bool("overlay.color_bar")
        overlay.objects = reader.choice("overlay.objects", .together)
        workers = Workers(from: &reader, resources)
        inbox = Inbox(
            settle: .seconds(reader.double("inbox.settle_seconds", in: 0...3_600)),
            rescan: .seconds(reader.double("inbox.rescan_seconds", in: 1...86_400)),
            watch: reader.choice("inbox.watch", .auto),
            poll: .seconds(reader.double("inbox.poll_seconds", in: 0.1...3_600)),
            truncated: .seconds(reader.double("inbox.truncated_seconds", in: 0...86_400)),
            statusFile: reader.bool("inbox.status_file"))
        policy = Policy(
            originals: reader.choice("policy.originals", .archive),
            duplicates: reader.choice("policy.duplicates", .reuse))
        limits = ImageLimits(
            maxFileBytes: reader.int("limits.max_file_bytes", in: 1...Int(Int32.max)),
            maxPixels: reader.int("limits.max_pixels", in: 1...(1 << 30)),
            maxSide: reader.int("limits.max_side", in: 1...65_535),
            maxAspect: reader.int("limits.max_aspect", in: 1...65_535),
            decodeSeconds: reader.double("limits.decode_seconds", in: 0.001...86_400),
            workerMemoryBytes: reader.int("limits.worker_memory_bytes", in: 0...(1 << 50)))
        minFreeBytes = reader.int("limits.min_free_bytes", in: 0...Int.max)
        log = Log(
            file: reader.absolutePath("log.file"), level: reader.choice("log.level", LogLevel.info).rawValue)
        control = Control(socket: reader.absolutePathUnlessEmpty("control.socket"))
        retention = RetentionPolicy(from: &reader)
        try reader.finish()
    }

    /// The settings in force, as `gradcam check` prints them: dotted key and value, in the file's order.
    package var listing: [(key: String, value: String)] {
        [
            ("root", root.string), ("model.file", model.file.string), ("model.owner", model.owner.rawValue),
            ("model.layers", "[\(model.layers.joined(separator: ", "))]"),
            ("model.precision", model.precision.rawValue),
            ("explanations.method", explanations.method?.rawValue ?? "auto"),
            ("explanations.top", "\(explanations.top)"),
            ("explanations.threshold", "\(explanations.threshold)"),
            ("explanations.save_heat_maps", "\(explanations.saveHeatMaps)"),
            ("detections.confidence", "\(detections.confidence)"),
            ("detections.iou", detections.iou.map { "\($0)" } ?? "auto"),
            ("detections.max_detections", "\(detections.maxDetections)"),
            ("detections.classes", "[\(detections.classes.joined(separator: ", "))]"),
            ("detections.explained", "\(detections.explained)"), ("detections.target", detections.target.rawValue),
            ("overlay.style", overlay.style.rawValue), ("overlay.color_map", overlay.colorMap.rawValue),
            ("overlay.opacity", "\(overlay.opacity)"), ("overlay.format", overlay.format.rawValue),
            ("overlay.quality", "\(overlay.quality)"), ("overlay.caption", "\(overlay.caption)"),
            ("overlay.color_bar", "\(overlay.colorBar)"), ("overlay.objects", overlay.objects.rawValue),
            ("workers.count", "\(workers.count)"),
            ("workers.threads", "\(workers.threads)"),
            ("workers.deadline_seconds", "\(workers.deadline.inSeconds)"),
            ("workers.start_deadline_seconds", "\(workers.startDeadline.inSeconds)"),
            ("workers.replace_after_images", "\(workers.replacement.afterImages)"),
            ("workers.replace_above_bytes", "\(workers.replacement.aboveBytes)"),
            ("inbox.settle_seconds", "\(inbox.settle.inSeconds)"),
            ("inbox.rescan_seconds", "\(inbox.rescan.inSeconds)"),
            ("inbox.status_file", "\(inbox.statusFile)"),
            ("inbox.watch", inbox.watch.rawValue), ("inbox.poll_seconds", "\(inbox.poll.inSeconds)"),
            ("inbox.truncated_seconds", "\(inbox.truncated.inSeconds)"),
            ("policy.originals", policy.originals.rawValue), ("policy.duplicates", policy.duplicates.rawValue),
            ("limits.max_file_bytes", "\(limits.maxFileBytes)"), ("limits.max_pixels", "\(limits.maxPixels)"),
            ("limits.max_side", "\(limits.maxSide)"), ("limits.max_aspect", "\(limits.maxAspect)"),
            ("limits.decode_seconds", "\(limits.decodeSeconds)"),
            ("limits.worker_memory_bytes", "\(limits.workerMemoryBytes)"),
            ("limits.min_free_bytes", "\(minFreeBytes)"), ("log.file", log.file.string), ("log.level", log.level),
            ("control.socket", control.socket?.string ?? ""),
        ] + retention.listing
    }
}

extension Duration {
    package var inSeconds: Double { self / .seconds(1) }
}
