import Foundation
import SystemPackage
import Testing

@testable import Core

@Suite("Inbox glance") struct InboxGlanceTests {
    private let folder: TemporaryFolder
    private let root: FilePath
    private let store: Store
    private let glance: InboxGlance

    init() throws {
        folder = try TemporaryFolder()
        root = folder.path.appending("tree")
        try FileManager.default.createDirectory(
            atPath: root.string + "/inbox/scans/@eaDir", withIntermediateDirectories: true)
        store = try Store(path: folder.path.appending("log.db"))
        glance = InboxGlance(root: root, log: folder.path.appending("log.db"), serviceRuns: false)
    }

    private func why(_ path: String) -> WhyReport {
        glance.report(on: path.hasPrefix("/") ? FilePath(path) : root.appending("inbox").pushing(FilePath(path)))
    }

    private func claim(_ name: String) throws -> Int64 {
        try store.claim(
            ArrivalRecord(
                claim: UUID().uuidString, name: Data(name.utf8), nameText: name, bytes: 1, modifiedAt: .now, owner: 0))
    }

    @Test("a file that only waits for the service") func held() throws {
        try folder.write("x", to: "tree/inbox/scans/a.jpg")
        let report = why("scans/../scans/a.jpg")
        #expect(report.state == .held && report.name == "scans/a.jpg")
        #expect(report.remedy == "Start it: systemctl start gradcamd")
        let running = InboxGlance(root: root, log: folder.path.appending("log.db"), serviceRuns: true)
        #expect(running.report(on: root.pushing("inbox/scans/a.jpg")).state == .settling)
    }

    @Test("files that are never taken say why") func neverTaken() throws {
        try folder.write("x", to: "tree/inbox/a.jpg.part")
        try folder.write("x", to: "tree/inbox/scans/@eaDir/a.jpg")
        try folder.write("", to: "tree/inbox/empty.jpg")
        #expect(mkfifo(root.string + "/inbox/fifo.jpg", 0o600) == 0)
        try FileManager.default.createSymbolicLink(
            atPath: root.string + "/inbox/link.jpg", withDestinationPath: "/etc/passwd")
        for (name, state, words) in [
            ("a.jpg.part", WhyReport.State.ignored, "it is ignored: its name is *.part"),
            ("scans/@eaDir/a.jpg", .ignored, "it is ignored: it lies in a folder called @eaDir"),
            ("empty.jpg", .incomplete, "it is empty"), ("fifo.jpg", .notRegular, "it is a FIFO, not a file"),
            ("scans", .notRegular, "it is a folder; the files in it are taken one by one"),
            ("link.jpg", .link, "it is a symbolic link, and those are not followed"),
            ("nowhere.jpg", .absent, "there is no such file, and the log knows none"),
            ("gone/nowhere.jpg", .absent, "there is no such file, and the log knows none"),
        ] {
            let report = why(name)
            #expect(report.state == state && report.sentence == words && report.name == name, "\(report)")
        }
    }

    @Test("a file that only its owner may read, of another user than the inbox", .enabled(if: geteuid() == 0))
    func unreadable() throws {
        let path = try folder.write("x", to: "tree/inbox/secret.jpg").string
        #expect(chown(root.string + "/inbox", 7, 7) == 0)
        #expect(chmod(path, 0o600) == 0)
        #expect(why("secret.jpg").state == .unreadable)
        #expect(why("secret.jpg").sentence == "only its owner, user 0, may read it (mode 0600)")
        #expect(chmod(path, 0o640) == 0)
        #expect(why("secret.jpg").state == .held)
        #expect(chown(path, 7, 7) == 0 && chmod(path, 0o600) == 0)
        #expect(why("secret.jpg").state == .held)
    }

    @Test("a link among the folders: the inbox may be reached by it, what lies behind one is not in the inbox")
    func links() throws {
        try folder.write("x", to: "tree/inbox/scans/a.jpg")
        try FileManager.default.createDirectory(
            atPath: folder.path.string + "/other", withIntermediateDirectories: true)
        try folder.write("x", to: "other/a.jpg")
        for (link, target) in [("way", "tree/inbox/scans"), ("tree/inbox/out", "../../other")] {
            try FileManager.default.createSymbolicLink(
                atPath: folder.path.string + "/" + link, withDestinationPath: target)
        }
        #expect(why(folder.path.string + "/way/a.jpg").name == "scans/a.jpg")
        #expect(why(folder.path.string + "/way/a.jpg").state == .held)
        #expect(why("out/a.jpg").state == .outside)
        #expect(why("out/a.jpg").sentence == "a symbolic link leads to it, and those are not followed")
        #expect(why("/etc/passwd").sentence == "it does not lie in the inbox")
        #expect(why("/etc/passwd").name == "/etc/passwd")
        #expect(why("/").state == .outside)
        // Not a folder that merely begins like the inbox.
        #expect(why(root.string + "/inbox2/a.jpg").state == .outside)
    }

    @Test("what became of a file that is not there any more: its newest row tells") func rows() throws {
        let first = try claim("a.jpg")
        try store.fail(first, because: Failure(.notAnImage, "It is text.", remedy: "Drop a picture."))
        let failed = why("a.jpg")
        #expect(failed.state == .failed && failed.id == first && failed.attempt == 1)
        #expect(failed.sentence.hasPrefix("it failed at 20") && failed.sentence.hasSuffix(" UTC: It is text."))
        #expect(failed.remedy == "Drop a picture.")

        let second = try claim("a.jpg")
        try store.countAttempt(of: second)
        #expect(why("a.jpg").state == .inWork && why("a.jpg").sentence.hasSuffix(", and attempt 2 has not ended"))
        try store.complete(
            second, Samples.explanation(label: "tabby", score: 0.8125), overlays: ["/o/2-a.jpg.cam.jpg"])
        let done = why("a.jpg")
        #expect(done.state == .done && done.id == second && done.overlay == RawPath("/o/2-a.jpg.cam.jpg"))
        #expect(done.sentence.hasSuffix(" UTC: tabby 81.3 %"))
        #expect(why("scans/a.jpg").state == .absent)

        let third = try claim("scans/a.jpg")
        #expect(try store.markVanished(except: []).map(\.nameText) == ["scans/a.jpg"])
        #expect(why("scans/a.jpg").state == .vanished && why("scans/a.jpg").id == third)
    }

    @Test("without a log the file itself is all that tells") func noLog() {
        let glance = InboxGlance(root: root, log: folder.path.appending("no.db"), serviceRuns: false)
        let report = glance.report(on: root.pushing("inbox/a.jpg"))
        #expect(report.state == .absent && report.sentence.contains("no.db cannot be read"))
    }
}
