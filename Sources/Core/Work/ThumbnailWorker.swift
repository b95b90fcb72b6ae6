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
            results += try await run(paths, from: begun, each)
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
        let conversation = ChildConversation(name: "thumbnails")
        let child = try await conversation.begin(executable, arguments: ["--thumbnails"] + limits.workerArguments)
        var results: [Result<Thumbnail, Failure>] = []
        do {
            for (index, path) in paths.enumerated().dropFirst(start) {
                try each(index)
                let request = ThumbnailRequest(id: "\(index)", image: path, side: side)
                let answer: ChildConversation.Answer<ThumbnailResponse> = await withTaskCancellationHandler {
                    await conversation.ask(request, within: Self.deadline) { $0.id == request.id }
                } onCancel: {
                    child.kill()
                }
                guard case .message(let response) = answer else { break }
                results.append(Self.result(of: response))
            }
        } catch {
            await conversation.end()
            throw error
        }
        await conversation.end()
        return results
    }

    private static func result(of response: ThumbnailResponse) -> Result<Thumbnail, Failure> {
        if let thumbnail = response.thumbnail { return .success(thumbnail) }
        return .failure(response.failure ?? Failure(.internal, "The worker answered nothing."))
    }
}
