import ArgumentParser
import Core
import Foundation
import SystemPackage

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write one page of what gradcamd logged: numbers, plots, overlays, failures.",
        discussion: """
            The page is one HTML file that fetches nothing: it can be mailed, and opens anywhere.

              gradcam report --output report.html --since 7d
            """)

    @Option(name: [.short, .long], help: "The page.", completion: .file(extensions: ["html"]))
    var output: String

    @OptionGroup var location: LogLocation

    @Option(help: "Only images that ended from then on: 30min, 2h, 3d ago, or a time in UTC such as 2026-11-23T08:00.")
    var since: String?

    @Option(help: "Only images that ended before then.")
    var until: String?

    @Option(name: [.customShort("n"), .long], help: "The newest overlays, so many; 0 to 500.")
    var limit: Int = 60

    @Option(help: "Above the page.")
    var title: String = "What gradcamd saw"

    @Flag(help: "Overwrite a file that is there.")
    var force = false

    func validate() throws {
        guard (0...500).contains(limit) else { throw ValidationError("--limit must be from 0 to 500.") }
        try PointInTime.check(since, of: "--since")
        try PointInTime.check(until, of: "--until")
    }

    func run() async throws {
        let interruption = Interruption()
        let path = try await location.path
        let target = FilePath(output)
        try Draft.check(target, sparing: path, overwrites: force)
        let scope = ReportData.Scope(
            since: since.flatMap { PointInTime.text($0) }, until: until.flatMap { PointInTime.text($0) },
            overlays: limit)
        let reading = ProgressBar(total: 1, isShown: true)
        reading.show(0, "reading the log")
        defer { reading.clear() }
        let data = try LogReader(path: path).report(scope)
        try interruption.check()
        let (thumbnails, trouble) = try await thumbnails(of: data.newest, interruption)
        let page = ReportPage(
            title: title, log: path.string, made: .now, scope: scope, data: data, thumbnails: thumbnails,
            withoutThumbnails: trouble)
        let bytes = try write(page.html, to: target)
        print("\(output.readable): \(Quantity.count(data.summary.total, "image")), \(ByteText.text(bytes))")
        if let trouble { StandardError.write("gradcam: There are no thumbnails: \(trouble)\n") }
    }

    /// - Returns: also why there are none at all.
    private func thumbnails(
        of newest: [ReportData.Shown], _ interruption: Interruption
    ) async throws -> ([Result<Thumbnail, Failure>], String?) {
        guard !newest.isEmpty else { return ([], nil) }
        let bar = ProgressBar(total: newest.count, isShown: true)
        defer { bar.clear() }
        do {
            let worker = ThumbnailWorker(executable: try WorkerLaunch.findExecutable())
            let results = try await worker.thumbnails(of: newest.map(\.overlay)) { index in
                try interruption.check()
                bar.show(index, newest[index].name)
            }
            return (results, nil)
        } catch let failure as Failure {
            return ([], failure.description)
        }
    }

    private func write(_ html: String, to target: FilePath) throws(Failure) -> Int64 {
        let draft = try Draft(for: target, mode: 0o644)
        do throws(Errno) {
            try draft.write(html)
            try draft.publish(overwriting: force)
        } catch {
            draft.discard()
            throw Draft.failure(error, at: target)
        }
        return Int64(html.utf8.count)
    }
}
