import Foundation
import Logging
import SystemPackage

/// What the journal of the system says about one image: one line when it has ended, with fields to search by.
struct ImageReport {
    private let claim: Claim
    private let logger: Logger
    private let began = ContinuousClock.now

    /// To be made when the attempt begins: it tells how long that took.
    init(_ claim: Claim, _ logger: Logger) {
        self.claim = claim
        self.logger = logger
    }

    // MARK: - Ends

    func done(_ explanation: Explanation, _ overlays: [FilePath]) {
        var fields = ending("done", explanation.milliseconds.total)
        fields["GRADCAM_OVERLAY"] = overlays.first.map { .bytes(JournalBytes($0)) }
        guard let best = explanation.predictions.first else {
            logger.log(.imageDone, "\(claim.file.text): nothing found", metadata: fields)
            return
        }
        fields["GRADCAM_LABEL"] = "\(best.label)"
        fields["GRADCAM_SCORE"] = "\(best.score)"
        let note = best.heat?.statistics.zeroCAM == true ? "; no evidence on any pixel, the map is zero" : ""
        let found = best.object == nil ? "" : "\(explanation.predictions.count) found, the surest "
        logger.log(
            .imageDone, "\(claim.file.text): \(found)\(best.label.readable) \(percent(best.score))\(note)",
            metadata: fields)
    }

    func reused(_ reuse: Reuse) {
        var fields = ending("done", milliseconds)
        fields["GRADCAM_SAME_AS"] = "\(reuse.arrival)"
        fields["GRADCAM_OVERLAY"] = reuse.overlays.first.map { .bytes(JournalBytes($0)) }
        if let best = reuse.best {
            fields["GRADCAM_LABEL"] = "\(best.label)"
            fields["GRADCAM_SCORE"] = "\(best.score)"
        }
        let found = reuse.best.map { ": \($0.label.readable) \(percent($0.score))" } ?? ""
        logger.log(
            .imageReused, "\(claim.file.text): the same content as image \(reuse.arrival), explained before\(found)",
            metadata: fields)
    }

    func failed(_ failure: Failure) {
        var fields = ending("failed", milliseconds)
        fields["GRADCAM_ERROR"] = "\(failure.code.rawValue)"
        logger.log(.imageFailed, "\(claim.file.text) failed: \(failure)", metadata: fields)
    }

    func vanished() {
        logger.log(
            .imageVanished, "\(claim.file.text) is gone: somebody removed or changed it before it was explained",
            metadata: fields("vanished"))
    }

    // MARK: - On the way

    func attemptFailed(_ failure: Failure) {
        var fields = fields("claimed")
        fields["GRADCAM_ERROR"] = "\(failure.code.rawValue)"
        logger.log(
            .attemptFailed, "\(claim.file.text): attempt \(claim.attempt) failed: \(failure.message)",
            metadata: fields)
    }

    func waits(_ failure: Failure) {
        var fields = fields("waiting")
        fields["GRADCAM_ERROR"] = "\(failure.code.rawValue)"
        logger.log(.imageWaits, "\(claim.file.text) waits: \(failure)", metadata: fields)
    }

    func notReleased(_ error: any Error) {
        logger.log(
            .imageStranded, "\(claim.file.text) could not be released: \(error)", metadata: fields("claimed"))
    }

    // MARK: - Fields

    /// Of an image that recovery found gone.
    static func fields(of row: ArrivalRecord) -> Logger.Metadata {
        var fields: Logger.Metadata = [
            "GRADCAM_IMAGE": .bytes(JournalBytes(Array(row.name))), "GRADCAM_STATE": "vanished",
            "GRADCAM_ATTEMPT": "\(row.attempt)",
        ]
        fields["GRADCAM_ID"] = row.id.map { "\($0)" }
        fields["GRADCAM_SHA256"] = row.sha256.map { "\($0.hexadecimal)" }
        return fields
    }

    /// - Parameter state: of the image's row from here on.
    private func fields(_ state: String) -> Logger.Metadata {
        var fields: Logger.Metadata = [
            "GRADCAM_IMAGE": .bytes(JournalBytes(claim.file.bytes)), "GRADCAM_ID": "\(claim.id)",
            "GRADCAM_ATTEMPT": "\(claim.attempt)", "GRADCAM_STATE": "\(state)",
        ]
        fields["GRADCAM_SHA256"] = claim.sha256.map { "\($0.hexadecimal)" }
        return fields
    }

    private func ending(_ state: String, _ milliseconds: Double) -> Logger.Metadata {
        fields(state).merging(["GRADCAM_MS": "\(Int(milliseconds.rounded()))"]) { $1 }
    }

    private var milliseconds: Double { (ContinuousClock.now - began).inSeconds * 1000 }

    private func percent(_ score: Double) -> String { "\((score * 1000).rounded() / 10) %" }
}
