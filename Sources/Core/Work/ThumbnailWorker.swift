import Glibc
import Subprocess
package import SystemPackage

/// Makes small pictures of overlays in a process of its own, so that a file somebody put into the outbox can end that
/// process and nothing else.
package struct ThumbnailWorker: Sendable {
    /// For one picture, beside the decoder's own limit.
    private static let deadline: Duration = .seconds(60)

    package var executable: FilePath
    package var limits: ImageLimits
    /// Pixels of the longer side at most.
    package var side: Int

    package init(executable: FilePath, limits: ImageLimits = ImageLimits(), side: Int = 320) {
        self.executable = executable
        self.limits = limits
        self.side = side
    }

    /// One after the other; a picture that ends the process costs that picture alone.
    ///
    /// - Parameter each: with the picture's index, before it is made. Ends the work by what it throws.
    /// - Returns: for each path its thumbnail, or why there is none.
    package func thumbnails(
        of paths: [RawPath], each: @escaping (Int) throws -> Void = { _ in }
    ) async throws -> [Result<Thumbnail, Failure>] {
        var results: [Result<Thumbnail, Failure>] = []
        while results.count < paths.count {
            let begun = results.count
            do {
                results += try await run(paths, from: begun, each)
            } catch let error as SubprocessError {
                throw Failure(
                    .workerMissing, "\(executable) could not be started: \(error).",
                    remedy: "Check that it is there and may be executed.")
            }
            // It ended at this one.
            if results.count < paths.count {
                results.append(.failure(Failure(.workerCrashed, "The worker ended at this picture.")))
            }
        }
        return results
    }

    /// - Returns: of the first so many paths, as far as the process lived.
    private func run(
        _ paths: [RawPath], from start: Int, _ each: @escaping (Int) throws -> Void
    ) async throws -> [Result<Thumbnail, Failure>] {
        let result = try await Subprocess.run(
            .path(executable), arguments: Arguments(["--thumbnails"] + limits.workerArguments),
            input: .inputWriter, output: .sequence, error: .currentStandardError
        ) { execution in
            var results: [Result<Thumbnail, Failure>] = []
            var lines = execution.standardOutput.strings(
                separatedBy: .unicodeScalarSequence(["\n"]),
                bufferingPolicy: .maxLineLength(MessageCoding.maximumLineLength)
            ).makeAsyncIterator()
            for (index, path) in paths.enumerated().dropFirst(start) {
                try each(index)
                let request = ThumbnailRequest(id: "\(index)", image: path, side: side)
                let timer = Task {
                    try await Task.sleep(for: Self.deadline)
                    try execution.send(signal: .kill)
                }
                defer { timer.cancel() }
                guard (try? await execution.standardInputWriter.write(MessageCoding.line(request))) != nil,
                    let line = try? await lines.next(),
                    let response = try? MessageCoding.decode(ThumbnailResponse.self, from: line),
                    response.id == request.id
                else {
                    try? execution.send(signal: .kill)
                    break
                }
                results.append(Self.result(of: response))
            }
            try? await execution.standardInputWriter.finish()
            return results
        }
        return result.closureResult
    }

    private static func result(of response: ThumbnailResponse) -> Result<Thumbnail, Failure> {
        if let thumbnail = response.thumbnail { return .success(thumbnail) }
        return .failure(response.failure ?? Failure(.internal, "The worker answered nothing."))
    }
}
