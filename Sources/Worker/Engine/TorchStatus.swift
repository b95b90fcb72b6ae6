import CTorch
import Core

extension Failure {
    /// Throws what a function of the engine returned, unless that is success.
    static func check(_ status: OpaquePointer?) throws(Failure) {
        guard let status else { return }
        defer { ctorch_status_free(status) }
        throw Failure(status)
    }

    private init(_ status: OpaquePointer) {
        let message = String(cString: ctorch_status_message(status))
        switch ctorch_status_code(status) {
        case .fileUnreadable: self.init(.modelUnreadable, message, remedy: "Check its path and permissions.")
        case .pickledCheckpoint: self.init(.modelPickled, message)
        case .notTorchScript: self.init(.modelNotTorchScript, message)
        case .unsupportedModel: self.init(.modelUnsupported, message)
        case .noLayer:
            self.init(
                .modelWithoutLayer, message,
                remedy: "Take a network with convolutions, or name one of its layers with --layer (model.layers).")
        case .inputRejected:
            self.init(.inputRejected, message, remedy: "Write the input's size and channels into the model card.")
        case .gradientBlocked:
            self.init(.gradientBlocked, message, remedy: "Use --method eigencam, or another layer.")
        case .precisionUnsupported:
            self.init(
                .precisionUnsupported, message, remedy: "Use --precision float32 (model.precision).")
        case .outOfMemory:
            self.init(
                .outOfMemory, message,
                remedy: "Raise limits.worker_memory_bytes, or take a network with a smaller input.")
        case .invalidArgument, .runtime: self.init(.internal, message)
        }
    }
}
