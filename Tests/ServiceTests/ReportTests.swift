import Core
import Foundation
import SystemPackage
import Testing

/// `gradcam report` beside a real service, judged by programs that know HTML.
@Suite("gradcam report", .timeLimit(.minutes(3))) struct ReportTests {
    /// What Tidy (elements and attributes) and html5lib (the grammar of HTML 5) say against a page.
    private func complaints(about page: URL) async throws -> String {
        let tidy = try await Program.run("/usr/bin/tidy", ["-errors", "-quiet", page.path])
        let parse = "import html5lib, sys; html5lib.HTMLParser(strict=True).parse(open(sys.argv[1], 'rb'))"
        let html5lib = try await Program.run("/usr/bin/python3", ["-c", parse, page.path])
        return tidy.text + html5lib.text
    }

    @Test("detections, nothing found, a failure and a name full of markup become one valid page") func realLog()
        async throws
    {
        let daemon = try RunningDaemon(model: RunningDaemon.fixture("signdet.torchscript"))
        try daemon.start()
        try await daemon.watching()
        let inbox = daemon.root.appending(path: "inbox")
        let twins = URL(filePath: try RunningDaemon.fixture("twins.png"))
        try FileManager.default.copyItem(at: twins, to: inbox.appending(path: "<b title='x'>&\"\n<i>.png"))
        try daemon.drop("grey.jpg", as: "grey.jpg")
        try Data("Dear radiologist,\n".utf8).write(to: inbox.appending(path: "letter<script>.jpg"))
        try await daemon.until("three images have ended") {
            daemon.states().filter { $0 == "done" || $0 == "failed" }.count == 3
        }
        daemon.signal(SIGTERM)
        #expect(try await daemon.wait() == 0)

        let log = daemon.root.appending(path: "log.db").path
        let page = daemon.root.appending(path: "report.html")
        func report(_ arguments: String...) async throws -> Program {
            try await Program.run("gradcam", ["report", "--log", log, "-o", page.path] + arguments)
        }
        let first = try await report()
        #expect(first.status == 0 && first.output.contains("3 images"), "\(first.text)")
        #expect(try await complaints(about: page) == "")
        let html = try String(contentsOf: page, encoding: .utf8)
        #expect(html.components(separatedBy: "data:image/jpeg;base64,/9j/").count == 3)
        #expect(html.contains("&lt;b title=&#39;x&#39;&gt;&amp;&quot;\u{FFFD}&lt;i&gt;.png"))
        #expect(
            html.contains("letter&lt;script&gt;.jpg") && html.contains("The file is not a picture but a text file."))
        #expect(html.contains("<b>2</b> explained") && html.contains("<bdi>stop</bdi>"))
        #expect(try daemon.files(in: "").filter { $0.contains("report") } == ["report.html"])

        #expect(try await report().status == 64)
        #expect(try await report("--force", "--since", "2999-01-01", "--limit", "0").status == 0)
        #expect(try await complaints(about: page) == "")
        #expect(try String(contentsOf: page, encoding: .utf8).contains("No images since 2999-01-01."))

        // Overlays that somebody removed.
        try FileManager.default.removeItem(at: daemon.root.appending(path: "outbox"))
        #expect(try await report("--force").status == 0)
        #expect(try String(contentsOf: page, encoding: .utf8).contains("newest overlays can be read"))
        #expect(try await complaints(about: page) == "")
    }

    @Test("without a worker the page has no thumbnails, and says so; the log is never overwritten") func withoutWorker()
        async throws
    {
        let daemon = try RunningDaemon(model: RunningDaemon.fixture("swish-scripted.pt"))
        try daemon.start()
        try await daemon.watching()
        try daemon.drop("grey.jpg", as: "grey.jpg")
        try await daemon.until("it is done") { daemon.states() == ["done"] }
        let alone = daemon.root.appending(path: "gradcam")
        try FileManager.default.copyItem(at: RunningDaemon.programs.appending(path: "gradcam"), to: alone)
        let log = daemon.root.appending(path: "log.db").path
        let page = daemon.root.appending(path: "report.html")
        if !FileManager.default.fileExists(atPath: "/usr/libexec/gradcamd/gradcam-worker") {
            let result = try await Program.run(alone.path, ["report", "--log", log, "-o", page.path])
            #expect(result.status == 0 && result.errors.contains("There are no thumbnails"), "\(result.text)")
            #expect(try String(contentsOf: page, encoding: .utf8).contains("There are no thumbnails: gradcam-worker"))
            #expect(try await complaints(about: page) == "")
        }
        let result = try await Program.run("gradcam", ["report", "--log", log, "-o", log, "--force"])
        #expect(result.status == 64 && result.errors.contains("is the log itself"))
        let missing = try await Program.run("gradcam", ["report", "--log", "\(log).no", "-o", "\(page.path).2"])
        #expect(missing.status == 66)
        #expect(!FileManager.default.fileExists(atPath: "\(page.path).2"))
    }
}
