package import GRDB

/// From a start or a reload of the service to the next one: which model and which software explained the images.
package struct RunRecord: Codable, Sendable, FetchableRecord, MutablePersistableRecord {
    package static let databaseTableName = "run"

    package var id: Int64?
    package var startedAt = Timestamp.now.text
    package var endedAt: String?
    package var exitReason: String?
    package var version: String
    package var modelFile: String
    package var modelName: String
    package var libtorch: String
    package var cpuCapability: String
    package var workers: Int
    package var threads: Int
    /// Equal for runs that explain equally: see `Fingerprint`.
    package var fingerprint: String?
    /// Of the model's file, hexadecimal.
    package var modelSHA256: String?

    package init(
        version: String, modelFile: String, model: ModelDescription, workers: Int, fingerprint: Fingerprint? = nil
    ) {
        self.version = version
        self.modelFile = modelFile
        self.workers = workers
        modelName = model.name
        libtorch = model.libtorch
        cpuCapability = model.cpuCapability
        threads = model.threads
        self.fingerprint = fingerprint?.text
        modelSHA256 = fingerprint?.modelSHA256
    }

    package mutating func didInsert(_ inserted: InsertionSuccess) { id = inserted.rowID }

    package enum CodingKeys: String, CodingKey {
        case id, version, libtorch, workers, threads, fingerprint
        case startedAt = "started_at"
        case endedAt = "ended_at"
        case exitReason = "exit_reason"
        case modelFile = "model_file"
        case modelName = "model_name"
        case cpuCapability = "cpu_capability"
        case modelSHA256 = "model_sha256"
    }
}
