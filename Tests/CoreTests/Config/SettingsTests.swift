import Foundation
import SystemPackage
import Testing

@testable import Core

@Suite("Settings") struct SettingsTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func settings(
        _ yaml: String, arguments: [String: String] = [:], environment: [String: String] = [:]
    ) async throws -> Settings {
        try await Settings(
            file: folder.write(yaml, to: "gradcamd.yaml"), arguments: arguments, environment: environment)
    }

    private func problems(_ yaml: String, arguments: [String: String] = [:]) async throws -> [String] {
        let error = try await #require(throws: ConfigurationError.self) {
            try await settings(yaml, arguments: arguments)
        }
        return error.problems.map { $0.description.replacing("\(folder.path)/", with: "") }
    }

    @Test("a model is all that must be set") func defaults() async throws {
        let settings = try await settings("model:\n  file: /m.torchscript\n")
        #expect(settings.model.file == "/m.torchscript")
        #expect(settings.root == "/srv/gradcamd")
        #expect(settings.workers.deadline == .seconds(120))
        #expect(settings.explanations.method == nil)
    }

    @Test("what an image may cost, and when a worker is replaced") func costs() async throws {
        let usual = try await settings("model: {file: /m.pt}\n")
        #expect(usual.limits == ImageLimits())
        #expect(usual.workers.replacement == WorkerReplacement(afterImages: 10_000, aboveBytes: 4 << 30))
        let set = try await settings(
            """
            model: {file: /m.pt}
            workers: {replace_after_images: 0, replace_above_bytes: 1000000}
            limits: {max_aspect: 20, decode_seconds: 0.5, worker_memory_bytes: 0}
            """)
        #expect(set.workers.replacement == WorkerReplacement(afterImages: 0, aboveBytes: 1_000_000))
        #expect(set.limits.maxAspect == 20 && set.limits.decodeSeconds == 0.5 && set.limits.workerMemoryBytes == 0)
        let problems = try await problems(
            "model: {file: /m.pt}\nlimits: {max_aspect: 0, decode_seconds: 0, worker_memory_bytes: -1}\n")
        #expect(problems.count == 3)
    }

    @Test("what a detector's boxes must be is set, or left to the exporter's own values") func detections() async throws
    {
        let left = try await settings("model: {file: /m.pt}\ndetections: {iou: auto}\n").detections
        #expect(left.iou == nil && left.iou(for: .yolov5) == 0.45 && left.iou(for: .yolov8) == 0.7)
        let set = try await settings(
            "model: {file: /m.pt}\ndetections: {confidence: 0.4, classes: [stop, 3], target: class, explained: 3}\n",
            arguments: ["detections.iou": "0.6"], environment: ["GRADCAMD_EXPLANATIONS_METHOD": "hirescam"])
        #expect(set.detections.iou == 0.6 && set.detections.confidence == 0.4)
        #expect(set.detections.classes == ["stop", "3"])
        #expect(set.detections.target == .classScore && set.detections.explained == 3)
        #expect(set.explanations.method == .hiResCAM)
        let problems = try await problems("model: {file: /m.pt}\ndetections: {iou: 1.5, explained: 65}\n")
        #expect(problems.count == 2)
        #expect(problems.contains { $0.contains("detections.iou must be from 0.0 to 1.0, not 1.5") })
    }

    @Test("the control socket may be elsewhere, or nowhere") func controlSocket() async throws {
        #expect(try await settings("model: {file: /m.pt}\n").control.socket == "/run/gradcamd/control.sock")
        #expect(try await settings("model: {file: /m.pt}\ncontrol: {socket: /x/s}\n").control.socket == "/x/s")
        for nowhere in [
            "model: {file: /m.pt}\ncontrol: {socket: \"\"}\n", "model: {file: /m.pt}\ncontrol: {socket: }\n",
        ] {
            #expect(try await settings(nowhere).control.socket == nil)
        }
        #expect(try await problems("model: {file: /m.pt}\ncontrol: {socket: s}\n").count == 1)
    }

    @Test("the command line beats the environment, which beats the file, which beats the defaults")
    func layers() async throws {
        let settings = try await settings(
            "model: {file: /m.pt, layers: [layer3, layer4], precision: bfloat16}\n"
                + "workers: {count: 2, threads: 2}\noverlay: {quality: 80}\n",
            arguments: ["workers.count": "4", "overlay.color_map": "viridis"],
            environment: ["GRADCAMD_WORKERS_COUNT": "3", "GRADCAMD_WORKERS_THREADS": "3"])
        #expect(settings.workers.count == 4)
        #expect(settings.workers.threads == 3)
        #expect(settings.overlay.quality == 80)
        #expect(settings.overlay.colorMap == .viridis)
        #expect(settings.overlay.style == .blend)
        #expect(settings.model.layers == ["layer3", "layer4"])
        #expect(settings.model.precision == .bfloat16)
    }

    @Test("everything that is wrong is said at once, with its line and a remedy") func allProblems() async throws {
        let problems = try await problems(
            """
            model:
              file: m.torchscript
            workers:
              threads: two
              count: 0
            explanations:
              metod: gradcam
              method: gradcam2
            """)
        #expect(problems.count == 5)
        #expect(problems.contains { $0.hasPrefix("gradcamd.yaml:2: model.file must be an absolute path") })
        #expect(
            problems.contains {
                $0.hasPrefix("gradcamd.yaml:4: workers.threads must be a whole number or auto, not \"two\"")
            })
        #expect(problems.contains { $0.hasPrefix("gradcamd.yaml:5: workers.count must be from 1 to 256, not 0") })
        #expect(
            problems.contains {
                $0.hasPrefix("gradcamd.yaml:7: explanations.metod is not a setting. Did you mean explanations.method?")
            })
        #expect(problems.contains { $0.contains("method is \"gradcam2\"") && $0.contains("hirescam, layercam") })
    }

    @Test("nonsense on the command line is not taken for absence") func nonsenseArgument() async throws {
        let problems = try await problems("model: {file: /m.pt}\n", arguments: ["overlay.opacity": "half"])
        #expect(problems == ["--set overlay.opacity: overlay.opacity must be a number, not \"half\"."])
    }

    @Test("an unknown key on the command line is an error") func unknownArgument() async throws {
        let problems = try await problems("model: {file: /m.pt}\n", arguments: ["worker.count": "1"])
        #expect(problems == ["--set worker.count: worker.count is not a setting. Did you mean workers.count?"])
    }

    @Test("a file that is no YAML is named with the line") func noYAML() async throws {
        let problems = try await problems("model:\n  file: /m.pt\n bad: [1\n")
        #expect(problems.count == 1)
        #expect(problems[0].hasPrefix("gradcamd.yaml:") && problems[0].contains("is not valid YAML"))
    }

    @Test("a missing file is an error, not an empty one") func missingFile() async throws {
        let error = await #expect(throws: ConfigurationError.self) {
            try await Settings(file: folder.path.appending("nowhere.yaml"))
        }
        #expect(error?.problems.first?.message == "cannot be read")
    }

    @Test("every setting is documented in the file that is installed, with its default") func installedFile()
        async throws
    {
        let file = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
            .removingLastComponent().appending("etc/gradcamd/gradcamd.yaml")
        let text = try String(contentsOfFile: file.string, encoding: .utf8)
        let installed = try await Settings(file: file)
        let bare = try await settings("model: {file: \(installed.model.file)}\n")
        #expect(installed == bare)
        for (key, _) in bare.listing {
            let name = key.split(separator: ".").last.map(String.init) ?? key
            #expect(text.contains("\(name):"), "\(key)")
        }
    }
}
