import ArgumentParser
import Core
import Foundation
import SystemPackage

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a file of settings: print what would be in force, or everything that is wrong.",
        discussion: "Also checks that the service would trust the model, and its card.")

    @Argument(
        help: "The settings. Default: \(Instance.plain.settingsFile).", completion: .file(extensions: ["yaml"]))
    var file: String?

    @OptionGroup var service: InstanceOption

    @Flag(help: "As JSON.")
    var json = false

    @Flag(name: .shortAndLong, help: "Print nothing where all is well.")
    var quiet = false

    func run() async throws {
        let settings = try await Settings(
            file: file.map { FilePath($0) } ?? service.chosen.settingsFile,
            environment: ProcessInfo.processInfo.environment, instance: service.chosen)
        try ModelTrust.check(settings.model.file, owner: settings.model.owner)
        let card = ModelCard.path(besides: settings.model.file)
        if FileManager.default.fileExists(atPath: card.string) { _ = try await ModelCard(contentsOf: card) }
        guard !quiet else { return }
        if json {
            let listing = Dictionary(uniqueKeysWithValues: settings.listing.map { ($0.key, $0.value) })
            print(try JSONText.text(of: listing), terminator: "")
        } else {
            for (key, value) in settings.listing { print("\(key): \(value)") }
        }
    }
}
