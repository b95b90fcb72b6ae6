import SystemPackage

/// Turns a claim into what a worker is asked.
package struct RequestFactory: Sendable {
    private let explanations: Settings.Explanations
    private let detections: DetectionSettings
    private let overlay: OverlayOptions

    package init(_ settings: Settings) {
        explanations = settings.explanations
        detections = settings.detections
        overlay = settings.overlay
    }

    var format: OverlayOptions.Format { overlay.format }

    func request(for claim: Claim, in tree: Tree) -> WorkerRequest {
        var request = WorkerRequest()
        request.id = "\(claim.id).\(claim.attempt)"
        request.image = RawPath(claim.path)
        request.top = explanations.top
        request.threshold = explanations.threshold
        request.method = explanations.method
        request.detections = detections
        request.overlay = overlay
        // Room for whatever the model is: a worker takes as many as it needs.
        let overlays = max(explanations.top, overlay.fileCount(explained: detections.explained))
        request.overlays = (0..<overlays).map {
            RawPath(
                tree.outbox.path.appending(claim.outputs.temporaryOverlay($0, overlay.format, attempt: claim.attempt)))
        }
        if explanations.saveHeatMaps {
            request.heatMaps = (0..<max(explanations.top, detections.explained)).map {
                RawPath(tree.outbox.path.appending(claim.outputs.temporaryHeatMap($0, attempt: claim.attempt)))
            }
        }
        return request
    }
}
