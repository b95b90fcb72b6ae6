import COpenCV
import Core

extension Failure {
    /// Throws what a function of COpenCV returned, unless that is success.
    static func checkPicture(_ status: OpaquePointer?) throws(Failure) {
        guard let status else { return }
        defer { copencv_status_free(status) }
        let message = String(cString: copencv_status_message(status))
        switch copencv_status_code(status) {
        case .undecodable:
            throw Failure(
                .damagedImage, "The picture cannot be decoded: \(message)",
                remedy: "Open it in an image editor and save it again.")
        case .outOfMemory:
            throw Failure(.outOfMemory, message, remedy: "Raise limits.worker_memory_bytes.")
        case .invalidArgument, .runtime: throw Failure(.internal, message)
        }
    }
}
