/// What a worker knows about its network.
package struct ModelDescription: Codable, Equatable, Sendable {
    package struct Layer: Codable, Equatable, Sendable {
        package var path: String
        /// The module's class or the operator.
        package var operation: String
        /// N,C,H,W in the probe.
        package var shape: [Int]
        package var onPath: Bool

        package init(path: String, operation: String, shape: [Int], onPath: Bool) {
            self.path = path
            self.operation = operation
            self.shape = shape
            self.onPath = onPath
        }

        private enum CodingKeys: String, CodingKey {
            case path, operation, shape
            case onPath = "on_path"
        }
    }

    /// A layer that explanations are made at.
    package struct Target: Codable, Equatable, Sendable {
        package var path: String
        package var shape: [Int]
        /// A non-zero gradient reached it in the probe.
        package var gradientFlows: Bool

        package init(path: String, shape: [Int], gradientFlows: Bool) {
            self.path = path
            self.shape = shape
            self.gradientFlows = gradientFlows
        }

        private enum CodingKeys: String, CodingKey {
            case path, shape
            case gradientFlows = "gradient_flows"
        }
    }

    package var name: String
    package var task: String
    /// N,C,H,W.
    package var input: [Int]
    package var output: [Int]
    /// "none", "softmax", "log_softmax", "sigmoid": what the network does last.
    package var activation: String
    package var logitsFound: Bool
    package var labels: [String]
    /// What explains where nobody names another.
    package var method: SaliencyMethod
    /// Where that method explains.
    package var targets: [Target]
    /// Why these are the targets: one sentence.
    package var reason: String
    /// `nil` for a classifier.
    package var detector: DetectorDescription?
    /// All candidates in the order of computation; empty in `ready`.
    package var layers: [Layer]
    /// Whether a model card was found beside the file.
    package var hasCard: Bool
    package var license: String?
    package var libtorch: String
    package var openCV: String
    package var cpuCapability: String
    package var precision: Precision
    package var threads: Int

    package init(
        name: String, task: String, input: [Int], output: [Int], activation: String, logitsFound: Bool,
        labels: [String], method: SaliencyMethod, targets: [Target], reason: String, detector: DetectorDescription?,
        layers: [Layer], hasCard: Bool, license: String?, libtorch: String, openCV: String, cpuCapability: String,
        precision: Precision, threads: Int
    ) {
        self.name = name
        self.task = task
        self.input = input
        self.output = output
        self.activation = activation
        self.logitsFound = logitsFound
        self.labels = labels
        self.method = method
        self.targets = targets
        self.reason = reason
        self.detector = detector
        self.layers = layers
        self.hasCard = hasCard
        self.license = license
        self.libtorch = libtorch
        self.openCV = openCV
        self.cpuCapability = cpuCapability
        self.precision = precision
        self.threads = threads
    }

    private enum CodingKeys: String, CodingKey {
        case name, task, input, output, activation, labels, method, targets, reason, detector, layers, license, libtorch
        case precision, threads
        case logitsFound = "logits_found"
        case hasCard = "has_card"
        case openCV = "opencv"
        case cpuCapability = "cpu_capability"
    }
}

extension ModelDescription {
    /// Neither a card nor an exporter says what the labels are and how pictures are prepared.
    package var preprocessingIsGuessed: Bool { !hasCard && labels.isEmpty && detector?.exportedTask == nil }
}
