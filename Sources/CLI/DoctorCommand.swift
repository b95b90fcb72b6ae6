import ArgumentParser
import Core
import Foundation
import SystemPackage

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look at everything that the service needs: model, processor, folders, disks, log, clock.",
        discussion: """
            Changes nothing that stays. Run it as the service's user to know what it may do:
              sudo -u gradcamd gradcam doctor

            Exit status: 0 no problem; 1 some problem; 78 the settings are wrong.
            """)

    @Argument(
        help: "The settings. Default: \(Instance.plain.settingsFile).", completion: .file(extensions: ["yaml"]))
    var file: String?

    @OptionGroup var service: InstanceOption

    @Flag(help: "As JSON.")
    var json = false

    func run() async throws {
        let file = file.map { FilePath($0) } ?? service.chosen.settingsFile
        let settings: Settings
        do throws(ConfigurationError) {
            settings = try await Settings(
                file: file, environment: ProcessInfo.processInfo.environment, instance: service.chosen)
        } catch {
            try show(
                error.problems.map { problem in
                    var sentence = problem
                    sentence.remedy = ""
                    return Finding(.configuration, .problem, sentence.description, remedy: problem.remedy)
                })
            throw ExitCode(78)
        }
        let findings =
            [Finding(.configuration, .ok, "\(file.string.readable) is valid.")] + (await Doctor(settings).examine())
        try show(findings)
        if findings.contains(where: { $0.verdict == .problem }) { throw ExitCode(1) }
    }

    private func show(_ findings: [Finding]) throws {
        if json {
            print(try JSONText.text(of: findings), terminator: "")
            return
        }
        for finding in findings {
            let verdict = finding.verdict.rawValue.padded(to: 9)
            let subject = finding.subject.rawValue.padded(to: 15)
            print("\(verdict)\(subject)\(finding.message.readable)")
            if !finding.remedy.isEmpty { print("".padded(to: 24) + "-> \(finding.remedy.readable)") }
        }
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
