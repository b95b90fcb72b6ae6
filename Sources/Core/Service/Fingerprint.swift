import Crypto
import Foundation
import Glibc
import SystemPackage

/// What decides how an image is explained: the model's content, its card, the settings, the software. Two runs of one
/// fingerprint explain one image equally, so that one may take over what the other found.
package struct Fingerprint: Equatable, Sendable {
    /// SHA-256, hexadecimal.
    package let text: String
    package let modelSHA256: String

    /// Keys of the settings that do not change what an explanation says.
    private static let indifferent = [
        "root", "log.", "inbox.", "workers.", "limits.", "policy.", "retention.", "control.",
    ]

    /// Reads the whole model file: not for the cooperative pool.
    ///
    /// - Throws: `Failure` where the model or its card cannot be read.
    package init(_ settings: Settings, _ model: ModelDescription) throws(Failure) {
        modelSHA256 = try Self.digest(of: settings.model.file).hexadecimal
        let card = ModelCard.path(besides: settings.model.file)
        let cardDigest = access(card.string, F_OK) == 0 ? try Self.digest(of: card).hexadecimal : "none"
        let listing = settings.listing.filter { entry in !Self.indifferent.contains { entry.key.hasPrefix($0) } }
            .map { "\($0.key)=\($0.value)" }
        let parts = [modelSHA256, cardDigest, Version.current, model.libtorch] + listing
        text = Data(SHA256.hash(data: Data(parts.joined(separator: "\n").utf8))).hexadecimal
    }

    private static func digest(of path: FilePath) throws(Failure) -> Data {
        do {
            let file = try FileDescriptor.open(path, .readOnly)
            defer { try? file.close() }
            return try ContentDigest.sha256(of: file)
        } catch {
            throw Failure(.modelUnreadable, "\(path) cannot be read: \(error).", remedy: "Check its permissions.")
        }
    }
}
