package import SystemPackage

/// The end of an image that was explained.
extension Journal {
    /// Publishes what a worker wrote under temporary names, and archives the original. Images that wait for the
    /// journal at the same time end together, and share syncs and transaction.
    ///
    /// - Parameter run: the one that explained it; `nil` for the present one.
    /// - Returns: the overlays, best prediction first.
    /// - Throws: `ChangedMeanwhile` where an original that stays in the inbox is not what it was.
    @discardableResult
    package func finish(
        _ claim: Claim, with explanation: Explanation, format: OverlayOptions.Format, run: Int64? = nil
    ) async throws -> [FilePath] {
        let ending = Ending(claim: claim, explanation: explanation, format: format, run: run)
        return try await withCheckedThrowingContinuation { continuation in
            waitingEndings.append((ending, continuation))
            // Whoever waits for the journal's thread already comes before this task.
            if waitingEndings.count == 1 { Task { finishWaiting() } }
        }
    }

    private func finishWaiting() {
        let waiting = waitingEndings
        waitingEndings = []
        for (result, (_, continuation)) in zip(finish(waiting.map(\.ending)), waiting) {
            continuation.resume(with: result)
        }
    }

    /// - Returns: of each the overlays, or what `finish(_:with:format:run:)` throws.
    func finish(_ endings: [Ending]) -> [Result<[FilePath], any Error>] {
        // 1 The overlays get their names. The worker synced their content.
        var results = endings.map { ending in Result { try publish(ending) } }
        // A temporary name that comes back is no harm: recovery removes them all.
        attempt(&results, endings) { try sync($0.map(\.claim.outputs.day), in: tree.outbox) }
        // 2 One transaction: from here on the rows promise step 1.
        commit(endings, &results)
        // 3 Recovery repeats this if we die here.
        attempt(&results, endings) { try archive($0.map(\.claim)) }
        store.checkpointIfLarge()
        return results
    }

    /// A step that all take together who came so far; where it fails, it does for all of them.
    private func attempt(
        _ results: inout [Result<[FilePath], any Error>], _ endings: [Ending], _ step: ([Ending]) throws -> Void
    ) {
        let present = results.indices.filter { results[$0].isSuccess }
        do { try step(present.map { endings[$0] }) } catch {
            for index in present { results[index] = .failure(error) }
        }
    }

    private func commit(_ endings: [Ending], _ results: inout [Result<[FilePath], any Error>]) {
        let present = results.indices.filter { results[$0].isSuccess }
        do {
            try store.complete(present.map { endings[$0].completed(with: try results[$0].get()) })
        } catch {
            // One of them may be to blame, and the others are not.
            for index in present {
                results[index] = results[index].flatMap { overlays in
                    Result {
                        try store.complete([endings[index].completed(with: overlays)])
                        return overlays
                    }
                }
            }
        }
    }

    private func publish(_ ending: Ending) throws -> [FilePath] {
        let (claim, explanation, format) = (ending.claim, ending.explanation, ending.format)
        guard try isUnchanged(claim) else { throw ChangedMeanwhile() }
        if claim.hasHistory { try removeOutputs(of: claim) }
        let names = claim.outputs
        let folder = try folder(of: names.day, in: tree.outbox)
        var overlays: [FilePath] = []
        for index in explanation.overlays.indices {
            let name = names.overlay(index, format)
            try publish(names.temporaryOverlay(index, format, attempt: claim.attempt), in: folder, as: name)
            overlays.append(folder.path.appending(name))
        }
        for index in explanation.heatMaps.indices {
            try publish(
                names.temporaryHeatMap(index, attempt: claim.attempt), in: folder, as: names.heatMap(index))
        }
        return overlays
    }

    /// The folders of these days, each once.
    func sync(_ days: [FileName], in parent: Directory) throws(Errno) {
        for day in Set(days) { try folder(of: day, in: parent).sync() }
    }

    /// The worker wrote into the outbox itself, for a rename needs one file system. An attempt that ended after
    /// this step left its file: the new one takes the place.
    private func publish(_ temporary: FileName, in folder: Directory, as name: FileName) throws(Errno) {
        try folder.removeIfPresent(name)
        try tree.outbox.move(temporary, to: folder, as: name)
    }
}

/// An image that was explained, and is to end.
struct Ending: Sendable {
    let claim: Claim
    let explanation: Explanation
    let format: OverlayOptions.Format
    let run: Int64?

    fileprivate func completed(with overlays: [FilePath]) -> Store.Completion {
        Store.Completion(arrival: claim.id, explanation: explanation, overlays: overlays, run: run)
    }
}

extension Result {
    fileprivate var isSuccess: Bool {
        if case .success = self { true } else { false }
    }
}
