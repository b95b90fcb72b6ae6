import Crypto
import Foundation
import Glibc
package import SystemPackage

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

    package init(_ settings: Settings, _ model: ModelDescription, _ content: ModelContent) {
        modelSHA256 = content.modelSHA256
        let listing = settings.listing.filter { entry in !Self.indifferent.contains { entry.key.hasPrefix($0) } }
            .map { "\($0.key)=\($0.value)" }
        let parts = [modelSHA256, content.cardSHA256 ?? "none", Version.current, model.libtorch] + listing
        text = Data(SHA256.hash(data: Data(parts.joined(separator: "\n").utf8))).hexadecimal
    }
}

/// What the files of a model hold, whatever they are called: the one that a reload finds may be another than the one
/// that the workers have loaded.
package struct ModelContent: Equatable, Sendable {
    /// SHA-256, hexadecimal.
    package let modelSHA256: String
    /// `nil` where there is no card.
    package let cardSHA256: String?

    /// Reads the whole model file: not for the cooperative pool.
    ///
    /// - Throws: `Failure` where the model or its card cannot be read.
    package init(of model: FilePath) throws(Failure) {
        modelSHA256 = try Self.digest(of: model).hexadecimal
        let card = ModelCard.path(besides: model)
        cardSHA256 = access(card.string, F_OK) == 0 ? try Self.digest(of: card).hexadecimal : nil
    }

    /// What another content has instead, as the beginnings of hashes.
    package func changes(to new: ModelContent) -> [ReloadReport.Change] {
        [
            ("model's content", modelSHA256, new.modelSHA256),
            ("model card", cardSHA256 ?? "none", new.cardSHA256 ?? "none"),
        ]
        .filter { $0.1 != $0.2 }
        .map { ReloadReport.Change(key: $0.0, old: String($0.1.prefix(12)), new: String($0.2.prefix(12))) }
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
