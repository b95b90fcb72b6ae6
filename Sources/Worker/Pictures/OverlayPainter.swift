import Core
import Foundation

/// Paints the overlays of one photograph and writes them.
struct OverlayPainter {
    let options: OverlayOptions
    let placement: Placement

    /// The files that were written, and which of them shows which candidate.
    struct Written {
        var paths: [RawPath] = []
        /// Of each candidate in turn, an index into `paths`.
        var indices: [Int?] = []
        var encodeMilliseconds = 0.0
        /// Writing and syncing.
        var syncMilliseconds = 0.0

        func of(_ candidate: Int) -> Int? { candidate < indices.count ? indices[candidate] : nil }
    }

    /// Without any candidate the untouched photograph with a caption; for objects those of `write(objects:)`; else one
    /// file for each candidate that has a path.
    ///
    /// - Parameters:
    ///   - photograph: becomes the last overlay, so that no copy of it need be made for that.
    ///   - results: of the first candidates; those that are left have no map.
    func write(
        _ photograph: Photograph, _ candidates: [Candidate], _ results: [Saliency.Result], to paths: [RawPath]
    ) throws(Failure) -> Written {
        var written = Written()
        guard let first = paths.first else { return written }
        if candidates.isEmpty {
            try photograph.drawCaption("nothing found")
            try write(photograph, to: first, &written)
            return written
        }
        if candidates.contains(where: { $0.object != nil }) {
            return try write(objects: candidates, results, in: photograph, to: paths)
        }
        let paths = paths.prefix(results.count)
        for (index, path) in paths.enumerated() {
            let overlay = try canvas(photograph, isLast: index == paths.count - 1)
            try paint(candidates[index], results[index], on: overlay)
            written.indices.append(written.paths.count)
            try write(overlay, to: path, &written)
        }
        return written
    }

    // MARK: - One candidate

    private func paint(
        _ candidate: Candidate, _ result: Saliency.Result, on overlay: Photograph
    ) throws(Failure) {
        let title = "\(candidate.label) \(percent(candidate.score))"
        try paint(result.shown, on: overlay)
        if let object = candidate.object { try overlay.drawBoxes([labelled(candidate, object)]) }
        // An untouched picture says so: no blue haze over what was not explained.
        if !result.shown.hasHeat {
            try overlay.drawCaption("\(title)  no positive evidence")
        } else if options.caption {
            try overlay.drawCaption("\(title)  \(result.heat.method.rawValue)")
        }
    }

    /// The heat and the colours' scale; without heat nothing.
    private func paint(_ heat: WarmHeat, on overlay: Photograph) throws(Failure) {
        guard heat.hasHeat else { return }
        try overlay.drawHeat(heat.map, over: placement.seenInPicture, options)
        if options.colorBar { try overlay.drawColorBar(options.colorMap) }
    }

    /// What an overlay is painted on.
    private func canvas(_ photograph: Photograph, isLast: Bool) throws(Failure) -> Photograph {
        isLast ? photograph : try photograph.copy()
    }

    private func percent(_ score: Double) -> String { String(format: "%.1f %%", score * 100) }

    // MARK: - Objects

    /// Longest side of each object's overlay where they lie next to each other.
    private static let tileSide = 640

    /// First a picture with all boxes and the hottest of their maps in each place; then, where that is asked for, each
    /// object by itself.
    private func write(
        objects candidates: [Candidate], _ results: [Saliency.Result], in photograph: Photograph, to paths: [RawPath]
    ) throws(Failure) -> Written {
        // So many are painted one by one.
        let singles =
            switch options.objects {
            case .together: 0
            case .separate: min(paths.count - 1, results.count)
            case .sideBySide: paths.count > 1 ? results.count : 0
            }
        let overview = try canvas(photograph, isLast: singles == 0)
        try paint(candidates, results, on: overview)
        var written = Written(indices: candidates.map { _ in 0 })
        try write(overview, to: paths[0], &written)
        switch options.objects {
        case .together: break
        case .separate:
            for (index, path) in paths.dropFirst().prefix(singles).enumerated() {
                let overlay = try canvas(photograph, isLast: index == singles - 1)
                try paint(candidates[index], results[index], on: overlay)
                written.indices[index] = written.paths.count
                try write(overlay, to: path, &written)
            }
        case .sideBySide:
            guard paths.count > 1 else { break }
            var overlays: [Photograph] = []
            for (index, (candidate, result)) in zip(candidates, results).enumerated() {
                let overlay = try canvas(photograph, isLast: index == singles - 1)
                try paint(candidate, result, on: overlay)
                // Shrunk at once: dozens of large pictures would not fit into memory.
                overlays.append(try .sideBySide([overlay], tileSide: Self.tileSide))
            }
            try write(Photograph.sideBySide(overlays, tileSide: Self.tileSide), to: paths[1], &written)
        }
        return written
    }

    private func paint(
        _ candidates: [Candidate], _ results: [Saliency.Result], on overlay: Photograph
    ) throws(Failure) {
        if let first = results.first?.shown {
            let fused = WarmHeat.fused(results.map(\.shown), width: first.map.width, height: first.map.height)
            try paint(fused, on: overlay)
        }
        let boxes = candidates.compactMap { candidate in candidate.object.map { labelled(candidate, $0) } }
        try overlay.drawBoxes(boxes)
        if options.caption { try overlay.drawCaption(caption(candidates, results)) }
    }

    private func labelled(_ candidate: Candidate, _ object: Candidate.Object) -> LabelledBox {
        LabelledBox(
            box: object.box, label: "\(candidate.label) " + String(format: "%.2f", candidate.score),
            color: ClassColor(classIndex: candidate.classIndex))
    }

    private func caption(_ candidates: [Candidate], _ results: [Saliency.Result]) -> String {
        var parts = ["\(candidates.count) found"]
        if results.count < candidates.count { parts.append("the best \(results.count) explained") }
        let empty = results.count { !$0.shown.hasHeat }
        if empty > 0 { parts.append("\(empty) without positive evidence") }
        if let method = results.first?.heat.method { parts.append(method.rawValue) }
        return parts.joined(separator: "  ")
    }

    private func write(_ photograph: Photograph, to path: RawPath, _ written: inout Written) throws(Failure) {
        var stopwatch = Stopwatch()
        try photograph.encoded(options.format, quality: options.quality) { bytes throws(Failure) in
            written.encodeMilliseconds += stopwatch.lap()
            try OutputFile.write(bytes, to: path.path)
            written.syncMilliseconds += stopwatch.lap()
        }
        written.paths.append(path)
    }
}
