import Logging
import SystemPackage

/// What the journal of the system says about one image: one line when it has ended, with fields to search by.
struct ImageReport {
    private let claim: Claim
    private let logger: Logger

    init(_ claim: Claim, _ logger: Logger) {
        self.claim = claim
        self.logger = logger
    }

    static func fields(of claim: Claim) -> Logger.Metadata {
        ["GRADCAM_IMAGE": "\(claim.file.text)", "GRADCAM_ID": "\(claim.id)", "GRADCAM_ATTEMPT": "\(claim.attempt)"]
    }

    private func fields(_ more: Logger.Metadata) -> Logger.Metadata {
        Self.fields(of: claim).merging(more) { $1 }
    }

    func done(_ explanation: Explanation, _ overlays: [FilePath]) {
        var fields = fields([
            "GRADCAM_STATE": "done", "GRADCAM_MS": "\(Int(explanation.milliseconds.total.rounded()))",
        ])
        fields["GRADCAM_OVERLAY"] = overlays.first.map { "\($0.string.readable)" }
        guard let best = explanation.predictions.first else {
            logger.info("\(claim.file.text): nothing found", metadata: fields)
            return
        }
        fields["GRADCAM_LABEL"] = "\(best.label)"
        fields["GRADCAM_SCORE"] = "\(best.score)"
        let percent = "\((best.score * 1000).rounded() / 10) %"
        let note = best.heat?.statistics.zeroCAM == true ? "; no evidence on any pixel, the map is zero" : ""
        let found = best.object == nil ? "" : "\(explanation.predictions.count) found, the surest "
        logger.info("\(claim.file.text): \(found)\(best.label) \(percent)\(note)", metadata: fields)
    }

    func reused(_ earlier: Int64, _ overlays: [FilePath]) {
        var fields = fields(["GRADCAM_STATE": "done", "GRADCAM_SAME_AS": "\(earlier)"])
        fields["GRADCAM_OVERLAY"] = overlays.first.map { "\($0.string.readable)" }
        logger.info("\(claim.file.text): the same content as image \(earlier), explained before", metadata: fields)
    }

    func failed(_ failure: Failure) {
        logger.warning(
            "\(claim.file.text) failed: \(failure)",
            metadata: fields(["GRADCAM_STATE": "failed", "GRADCAM_ERROR": "\(failure.code.rawValue)"]))
    }

    func attemptFailed(_ failure: Failure) {
        logger.warning(
            "\(claim.file.text): attempt \(claim.attempt) failed: \(failure.message)",
            metadata: fields(["GRADCAM_ERROR": "\(failure.code.rawValue)"]))
    }
}
