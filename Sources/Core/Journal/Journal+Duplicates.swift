package import SystemPackage

/// What an image took over from an earlier one.
package struct Reuse: Sendable {
    /// The earlier one's.
    package let arrival: Int64
    package let overlays: [FilePath]
    /// `nil` where nothing was found.
    package let best: (label: String, score: Double)?
}

/// Images whose content is known.
extension Journal {
    /// Ends the image with the explanation of an earlier one of the same content, where there is one that the present
    /// model and settings gave: with rows of its own, and overlays of its own name that share the earlier ones' bytes.
    ///
    /// - Returns: `nil` where the image must be explained.
    package func reuse(_ claim: Claim) throws -> Reuse? {
        guard rules.reusesDuplicates, !claim.isRepetition, let sha256 = claim.sha256,
            let earlier = try store.explained(sha256, before: claim.id), let id = earlier.id
        else { return nil }
        if claim.hasHistory {
            try removeTemporaryFiles(of: claim)
            try removeOutputs(of: claim)
        }
        guard let overlays = try linkOutputs(of: earlier, id, as: claim) else { return nil }
        try store.complete(claim.id, as: id, overlays: overlays)
        try archive([claim])
        return Reuse(
            arrival: id, overlays: overlays.values.sorted { $0.string < $1.string },
            best: try store.bestPrediction(of: id))
    }

    /// - Returns: from the earlier paths to the new ones; `nil` where they cannot be linked, so that it is explained.
    private func linkOutputs(of earlier: ArrivalRecord, _ id: Int64, as claim: Claim) throws -> [FilePath: FilePath]? {
        guard let image = earlier.imageName, let source = try? tree.outbox.directory(earlier.day) else { return nil }
        let names = OutputNames(id: id, image: image, day: earlier.day)
        let folder = try folder(of: claim.outputs.day, in: tree.outbox)
        // Somebody may have moved or changed what the rows name.
        let overlays = Set(try store.overlays(of: id))
        var paths: [FilePath: FilePath] = [:]
        for (old, new) in zip(names.everything, claim.outputs.everything) {
            let path = source.path.appending(old)
            guard overlays.contains(path) else { continue }
            guard link(old, in: source, to: folder, as: new) == nil else { break }
            paths[path] = folder.path.appending(new)
        }
        guard paths.count == overlays.count, linkHeatMaps(names, in: source, to: folder, as: claim.outputs) else {
            try removeOutputs(of: claim)
            return nil
        }
        try folder.sync()
        return paths
    }

    /// Rows do not name the maps; they are numbered without a gap.
    private func linkHeatMaps(
        _ names: OutputNames, in source: Directory, to folder: Directory, as outputs: OutputNames
    ) -> Bool {
        for index in 0..<Claim.maximumExplained {
            switch link(names.heatMap(index), in: source, to: folder, as: outputs.heatMap(index)) {
            case nil: continue
            case .noSuchFileOrDirectory: return true
            default: return false
            }
        }
        return true
    }

    private func link(_ old: FileName, in source: Directory, to folder: Directory, as new: FileName) -> Errno? {
        do throws(Errno) {
            // Of an attempt that was cut off.
            try folder.removeIfPresent(new)
            try source.link(old, to: folder, as: new)
            return nil
        } catch {
            return error
        }
    }
}
