import Core
import Foundation

/// Paints the overlays of one photograph and writes them.
struct OverlayPainter {
    let options: OverlayOptions
    let placement: Placement

    /// One file for each candidate that has a path; without any candidate the untouched photograph with a caption.
    ///
    /// - Returns: the files that were written.
    func write(
        _ photograph: Photograph, _ candidates: [Classification.Candidate], _ results: [Saliency.Result],
        to paths: [RawPath]
    ) throws(Failure) -> [RawPath] {
        if candidates.isEmpty, let path = paths.first {
            let copy = try photograph.copy()
            try copy.drawCaption("nothing found")
            try write(copy, to: path)
            return [path]
        }
        var written: [RawPath] = []
        for (index, path) in paths.prefix(candidates.count).enumerated() {
            try write(paint(photograph, candidates[index], results[index]), to: path)
            written.append(path)
        }
        return written
    }

    private func paint(
        _ photograph: Photograph, _ candidate: Classification.Candidate, _ result: Saliency.Result
    ) throws(Failure) -> Photograph {
        let score = String(format: "%.1f %%", candidate.score * 100)
        guard result.shown.hasHeat else {
            // An untouched picture, and said so: no blue haze over what was not explained.
            let copy = try photograph.copy()
            try copy.drawCaption("\(candidate.label) \(score)  no positive evidence")
            return copy
        }
        let overlay = try photograph.overlaid(with: result.shown, over: placement.seenInPicture, options)
        if options.colorBar { try overlay.drawColorBar(options.colorMap) }
        if options.caption { try overlay.drawCaption("\(candidate.label) \(score)  \(result.heat.method.rawValue)") }
        return overlay
    }

    private func write(_ photograph: Photograph, to path: RawPath) throws(Failure) {
        try photograph.encoded(options.format, quality: options.quality) { bytes throws(Failure) in
            try OutputFile.write(bytes, to: path.path)
        }
    }
}
