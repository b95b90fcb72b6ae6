import Foundation
import SystemPackage
import Testing

@testable import Core

@Suite("Fingerprint") struct FingerprintTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("abc", to: "m.torchscript")
    }

    private func fingerprint(_ settings: [String: String] = [:]) async throws -> Fingerprint {
        let model = ["model.file": folder.path.appending("m.torchscript").string]
        let settings = try await Settings(file: nil, arguments: model.merging(settings) { $1 })
        return Fingerprint(settings, Samples.model, try ModelContent(of: settings.model.file))
    }

    @Test("the model's hash is that of its file") func hash() async throws {
        // FIPS 180-4, the example of SHA-256.
        #expect(
            try await fingerprint().modelSHA256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test("what changes an explanation changes it; where files lie and how many workers there are does not")
    func difference() async throws {
        let first = try await fingerprint().text
        for key in ["workers.count": "2", "root": "/elsewhere", "inbox.settle_seconds": "3", "log.level": "debug"] {
            #expect(try await fingerprint([key.key: key.value]).text == first, "\(key)")
        }
        let changes = [
            "explanations.method": "layercam", "explanations.top": "2", "overlay.opacity": "0.5",
            "detections.confidence": "0.4", "model.layers": "layer3", "model.precision": "bfloat16",
        ]
        for key in changes { #expect(try await fingerprint([key.key: key.value]).text != first, "\(key)") }
        try folder.write("labels: [cat]", to: "m.yaml")
        let second = try await fingerprint().text
        #expect(second != first)
        try folder.write("abd", to: "m.torchscript")
        #expect(try await fingerprint().text != second)
    }
}
