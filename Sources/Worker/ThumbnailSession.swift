import COpenCV
import Core
import Foundation

/// Reads requests for small pictures from standard input and answers each, until the input ends. No model is loaded.
struct ThumbnailSession {
    private static let quality = 80

    let limits: ImageLimits
    let watchdog: Watchdog
    let output: MessageOutput

    func run() throws(Failure) {
        copencv_set_threads(1)
        while let line = readLine() {
            if line.isEmpty { continue }
            try output.write(line: Self.line(answer(to: line)))
        }
    }

    private func answer(to line: String) -> ThumbnailResponse {
        let request: ThumbnailRequest
        do {
            request = try MessageCoding.decode(ThumbnailRequest.self, from: line)
        } catch {
            return ThumbnailResponse(id: "", failure: Failure(.badRequest, "The line is no request: \(error)."))
        }
        do throws(Failure) {
            return ThumbnailResponse(id: request.id, thumbnail: try thumbnail(request))
        } catch {
            return ThumbnailResponse(id: request.id, failure: error)
        }
    }

    private func thumbnail(_ request: ThumbnailRequest) throws(Failure) -> Thumbnail {
        guard request.version == WorkerRequest.version else {
            throw Failure(
                .badRequest, "The request has version \(request.version), this worker \(WorkerRequest.version).",
                remedy: "Install the programs of one release together.")
        }
        guard (16...1024).contains(request.side) else {
            throw Failure(.badRequest, "side must be from 16 to 1024, not \(request.side).")
        }
        let bytes = try HostileFile.read(request.image.path, limits: limits)
        let header = try ImageHeader(of: bytes, limits: limits)
        let overdue = Failure(.decodeOverdue, "Decoding took longer than \(limits.decodeSeconds) s.")
        let line = try Self.line(ThumbnailResponse(id: request.id, failure: overdue))
        return try watchdog.limit(to: limits.decodeSeconds, orElse: line) { () throws(Failure) in
            let small = try Photograph(decoding: bytes, header: header, reducedTo: request.side).shrunk(
                to: request.side)
            var jpeg = Data()
            try small.encoded(.jpeg, quality: Self.quality) { jpeg = Data($0) }
            return Thumbnail(width: small.width, height: small.height, jpeg: jpeg)
        }
    }

    private static func line(_ response: ThumbnailResponse) throws(Failure) -> String {
        do { return try MessageCoding.line(response) } catch {
            throw Failure(.internal, "The answer cannot be written as JSON: \(error).")
        }
    }
}
