extension Settings.Workers {
    private static let most = 256
    /// A worker has about 0.6 GB after photographs of 12 megapixels, and a reload has twice as many for a while.
    private static let bytesOfOne = 3 << 29

    /// Reads the settings `workers.*`.
    /// - Parameter resources: what "auto" is derived from.
    init(from reader: inout SettingsReader, _ resources: Resources) {
        let count = reader.intUnlessAuto("workers.count", in: 1...Self.most)
        let threads = reader.intUnlessAuto("workers.threads", in: 1...Self.most)
        self.init(
            count: count ?? Self.count(on: resources, threads: threads ?? 1),
            threads: threads ?? Self.threads(on: resources, workers: count),
            deadline: .seconds(reader.double("workers.deadline_seconds", in: 0.1...86_400)),
            startDeadline: .seconds(reader.double("workers.start_deadline_seconds", in: 1...3_600)),
            replacement: WorkerReplacement(
                afterImages: reader.int("workers.replace_after_images", in: 0...Int(Int32.max)),
                aboveBytes: reader.int("workers.replace_above_bytes", in: 0...(1 << 50))))
    }

    /// As many as there are processors for and memory.
    private static func count(on resources: Resources, threads: Int) -> Int {
        max(1, min(resources.processors / threads, resources.memoryBytes / bytesOfOne, most))
    }

    /// The processors that each worker has for itself. Where the workers are as many as fit, too, that is one: they
    /// explain more images a second than threads of one worker do.
    private static func threads(on resources: Resources, workers: Int?) -> Int {
        guard let workers else { return 1 }
        return max(1, min(resources.processors / workers, most))
    }
}
