import Foundation
import Logging
import Testing

@testable import Core

@Suite("Message catalogue") struct MessageCatalogTests {
    private struct Entry {
        var id: String
        var header: [String: String]
        var text: String
    }

    private let entries: [Entry]

    init() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../systemd/gradcamd.catalog").standardized
        entries = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n-- ").dropFirst().map {
            let parts = $0.components(separatedBy: "\n\n")
            let lines = parts[0].split(separator: "\n").map(String.init)
            let header = lines.dropFirst().map { $0.components(separatedBy: ": ") }
            return Entry(
                id: lines[0], header: Dictionary(uniqueKeysWithValues: header.map { ($0[0], $0[1]) }),
                text: parts.dropFirst().joined(separator: "\n\n"))
        }
    }

    @Test("every kind of line has its entry, and every entry its kind") func complete() {
        #expect(entries.map(\.id).sorted() == MessageKind.allCases.map(\.rawValue).sorted())
    }

    @Test("an id is 128 bits in lower case hexadecimal, as systemd-id128 prints it")
    func identifiers() {
        for kind in MessageKind.allCases {
            #expect(kind.rawValue.utf8.count == 32 && kind.rawValue.allSatisfy { "0123456789abcdef".contains($0) })
            // Version 4, variant 1 (RFC 9562).
            let digits = Array(kind.rawValue)
            #expect(digits[12] == "4" && "89ab".contains(digits[16]), "\(kind)")
        }
    }

    @Test("an entry has a subject, where it comes from, and text that says more") func headers() {
        for entry in entries {
            #expect(
                entry.header.keys.sorted() == ["Defined-By", "Documentation", "Subject", "Support"], "\(entry.id)")
            #expect(entry.header["Documentation"]?.hasPrefix("man:gradcam") == true)
            #expect(entry.text.count > 30, "\(entry.id)")
        }
    }

    @Test("the placeholders are fields that lines have") func placeholders() throws {
        let known: Set = [
            "GRADCAM_IMAGE", "GRADCAM_ID", "GRADCAM_ATTEMPT", "GRADCAM_MS", "GRADCAM_SAME_AS", "GRADCAM_ERROR",
            "GRADCAM_USER", "GRADCAM_COMMAND", "GRADCAM_OVERLAY", "EXIT_STATUS",
        ]
        for entry in entries {
            let text = (entry.header["Subject"] ?? "") + entry.text
            let fields = text.matches(of: /@([A-Z_0-9]+)@/).map { String($0.1) }
            #expect(Set(fields).isSubset(of: known), "\(entry.id): \(fields)")
        }
    }

    @Test("images are info, what the service does is notice, what hinders it is an error") func levels() {
        #expect(MessageKind.imageDone.level == .info && MessageKind.imageReused.level == .info)
        #expect(MessageKind.imageFailed.level == .warning && MessageKind.imageWaits.level == .warning)
        #expect(MessageKind.started.level == .notice && MessageKind.stopped.level == .notice)
        #expect(MessageKind.nothingTaken.level == .error && MessageKind.inboxMissing.level == .error)
    }

    @Test("every line of the service has a kind: the catalogue explains it") func everyLine() throws {
        let sources = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../Sources").standardized
        var without: [String] = []
        for folder in ["Core", "Daemon"] {
            let names = try FileManager.default.subpathsOfDirectory(atPath: sources.appending(path: folder).path)
            for name in names where name.hasSuffix(".swift") {
                let text = try String(contentsOf: sources.appending(path: "\(folder)/\(name)"), encoding: .utf8)
                for match in text.matches(of: /logger\.(info|notice|warning|error|critical)\(/) {
                    without.append("\(name): \(match.0)")
                }
            }
        }
        #expect(without == [])
    }
}
