import Logging
import Synchronization
import Testing

@testable import Core
@testable import Daemon

@Suite("Journal entries") struct JournalEntryTests {
    private func entry(_ metadata: Logger.Metadata, message: Logger.Message = "cat.jpg: cat") -> JournalEntry {
        JournalEntry(
            LogEvent(
                level: .warning, message: message, error: nil, metadata: metadata, source: nil, file: "Core/File.swift",
                function: "f()", line: 12), metadata: [:], identifier: "gradcamd")
    }

    private func texts(_ entry: JournalEntry) -> [String] {
        entry.fields.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("an entry says where in the source it comes from, and how much it weighs") func code() {
        let fields = texts(entry(["GRADCAM_ID": "7"]))
        #expect(
            fields == [
                "MESSAGE=cat.jpg: cat", "PRIORITY=4", "SYSLOG_IDENTIFIER=gradcamd", "CODE_FILE=Core/File.swift",
                "CODE_LINE=12", "CODE_FUNC=f()", "GRADCAM_ID=7",
            ])
    }

    @Test("a name goes as its bytes: line feeds, what is no UTF-8, and NUL in a value that is not a name")
    func bytes() {
        let name: [UInt8] = Array("a\nb".utf8) + [0xFF, 0x3D] + Array(".jpg".utf8)
        let fields = entry(["GRADCAM_IMAGE": .bytes(JournalBytes(name)), "X": "u\0v"]).fields
        #expect(fields.contains(Array("GRADCAM_IMAGE=".utf8) + name))
        #expect(fields.contains(Array("X=u".utf8) + [0] + Array("v".utf8)))
        #expect("\(JournalBytes(name))" == "a\u{FFFD}b\u{FFFD}=.jpg")
    }

    @Test("a value has a limit") func limit() {
        let long = entry(["X": "\(String(repeating: "x", count: 1_000_000))"])
        #expect(long.fields.map(\.count).max() == JournalEntry.longestValue + 2)
    }

    @Test("on a terminal: the level where it matters, the time an image took, its overlay; colours only there")
    func terminal() {
        let written = Lines()
        func lines(colors: Bool) -> [String] {
            let logger = Logger(label: "x") { _ in TerminalLogHandler(usesColors: colors) { written.append($0) } }
            logger.log(
                .imageDone, "cat.jpg: cat 75.0 %",
                metadata: ["GRADCAM_MS": "31", "GRADCAM_OVERLAY": .bytes(JournalBytes(Array("/o/cat\u{1B}.jpg".utf8)))])
            logger.log(.imageFailed, "x.jpg failed: \u{1B}[2J", metadata: ["GRADCAM_ERROR": "not_an_image"])
            logger.log(.inboxMissing, "the inbox is missing")
            return written.take().map { String($0.dropFirst(9)) }
        }
        #expect(
            lines(colors: false) == [
                "cat.jpg: cat 75.0 %  31 ms  -> /o/cat\u{FFFD}.jpg\n", "warning: x.jpg failed: \u{FFFD}[2J\n",
                "error: the inbox is missing\n",
            ])
        #expect(
            lines(colors: true) == [
                "cat.jpg: cat 75.0 %\u{1B}[2m  31 ms  -> /o/cat\u{FFFD}.jpg\u{1B}[0m\n",
                "\u{1B}[33mwarning: \u{1B}[0mx.jpg failed: \u{FFFD}[2J\n",
                "\u{1B}[31merror: \u{1B}[0mthe inbox is missing\n",
            ])
    }

    private final class Lines: Sendable {
        private let kept = Mutex<[String]>([])

        func append(_ line: String) { kept.withLock { $0.append(line) } }

        func take() -> [String] {
            kept.withLock { kept in
                defer { kept = [] }
                return kept
            }
        }
    }
}
