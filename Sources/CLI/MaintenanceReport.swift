import ArgumentParser
import Core
import SystemPackage

/// What was done, and what could not be.
struct MaintenanceReport: Encodable {
    struct Line: Equatable {
        var text: String
        var isProblem = false
    }

    /// `nil` where the service did not answer.
    private(set) var retention: RetentionReport?
    /// `nil` where there is none.
    private(set) var backup: BackupFolder.Report?
    /// Sentences; empty where everything was done.
    private(set) var problems: [String] = []
    /// As the program ends.
    private(set) var status: Int32 = 0

    private(set) var linesOfRetention: [Line] = []
    private(set) var linesOfBackup: [Line] = []

    private enum CodingKeys: String, CodingKey { case retention, backup, problems, status }

    // MARK: - Retention

    mutating func retain(by client: @autoclosure () async throws -> ControlClient) async {
        do {
            let report = try await client().retain()
            retention = report
            linesOfRetention.append(Line(text: Self.sentence(on: report)))
            for hindrance in report.hindrances { addRetentionProblem(hindrance) }
        } catch let error as ControlClientError where error.cause == .notRunning {
            linesOfRetention.append(
                Line(text: "retention: gradcamd is not running; it removes what is due at its next start"))
        } catch {
            addRetentionProblem("retention: \(error)")
        }
    }

    private static func sentence(on report: RetentionReport) -> String {
        if report.keepsEverything { return "retention: everything is kept (no retention.* is set)" }
        return report.summary.isEmpty ? "retention: nothing to remove" : "retention: removed \(report.summary)"
    }

    private mutating func addRetentionProblem(_ sentence: String) {
        problems.append(sentence)
        linesOfRetention.append(Line(text: sentence, isProblem: true))
        status = 74
    }

    // MARK: - Backup

    mutating func backUp(_ log: FilePath, to folder: BackupFolder, check: @escaping () throws -> Void) {
        do {
            let report = try folder.backUp(log) { _ in try check() }
            backup = report
            let copy = report.backup
            linesOfBackup.append(
                Line(text: "backup: \(copy.file), \(copy.images) images, \(ByteText.text(copy.bytes)), checked"))
            if !report.removed.isEmpty {
                linesOfBackup.append(
                    Line(text: "backup: \(report.removed.joined(separator: ", ")) removed, \(report.kept) kept"))
            }
        } catch is ExitCode {
            // Interrupted; whoever asked knows.
        } catch {
            let sentence = "backup: \(error)"
            problems.append(sentence)
            linesOfBackup.append(Line(text: sentence, isProblem: true))
            status = error is StoreError ? 66 : 74
        }
    }
}
