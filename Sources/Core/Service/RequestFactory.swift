import SystemPackage

/// Turns a claim into what a worker is asked.
package struct RequestFactory: Sendable {
    private let explanations: Settings.Explanations
    private let overlay: OverlayOptions

    package init(_ settings: Settings) {
        explanations = settings.explanations
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
        request.overlay = overlay
        request.overlays = (0..<explanations.top).map {
            RawPath(tree.outbox.path.appending(claim.temporaryOverlayName($0, overlay.format)))
        }
        if explanations.saveHeatMaps {
            request.heatMaps = (0..<explanations.top).map {
                RawPath(tree.outbox.path.appending(claim.temporaryHeatMapName($0)))
            }
        }
        return request
    }
}
