import Foundation
import SystemPackage
import Testing

@testable import Core

/// The gradcam command as people and scripts use it.
@Suite("gradcam", .timeLimit(.minutes(3))) struct CommandTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "gradcam-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func gradcam(_ arguments: String...) async throws -> Program {
        try await Program.run("gradcam", arguments, in: folder)
    }

    private var names: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        }
    }

    @Test("explain writes the overlay beside nothing else, and never overwrites unasked") func explain() async throws {
        let picture = RunningDaemon.picture("baseline.jpg").path
        let model = try RunningDaemon.fixture("swish-scripted.pt")
        let first = try await gradcam("explain", picture, "-m", model)
        #expect(first.status == 0, "\(first.errors)")
        #expect(first.output.contains("class ") && first.output.contains("-> baseline.cam.jpg"))
        #expect(try names == ["baseline.cam.jpg"])
        let second = try await gradcam("explain", picture, "-m", model)
        #expect(second.status == 64 && second.errors.contains("is there already"))
        #expect(try await gradcam("explain", picture, "-m", model, "--force").status == 0)
        #expect(try names == ["baseline.cam.jpg"])
    }

    @Test("a detector's objects with their boxes, an overlay of each on request, and a bad option said at once")
    func objects() async throws {
        let (model, picture) = (
            try RunningDaemon.fixture("signdet.torchscript"), try RunningDaemon.fixture("twins.png")
        )
        let result = try await gradcam("explain", picture, "-m", model, "--objects", "separate")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.components(separatedBy: "  stop  at ").count == 3)
        #expect(result.output.contains("of the heat is in the box"))
        #expect(try names == ["twins.cam-2.jpg", "twins.cam-3.jpg", "twins.cam.jpg"])
        let capped = try await gradcam(
            "explain", picture, "-m", model, "--explained", "1", "--force", "--target", "stop")
        #expect(capped.output.contains("explained are the first 1"))
        let unknown = try await gradcam("explain", picture, "-m", model, "--target", "cat", "--force")
        #expect(unknown.status == 64 && unknown.errors.contains("stop, yield"))
        #expect(try await gradcam("explain", picture, "-m", model, "--explained", "65").status == 64)
        let row = try await gradcam("explain", picture, "-m", model, "--row", "9999", "--force")
        #expect(row.status == 64 && row.errors.contains("0 to 2099"))
        let classifier = try await gradcam(
            "explain", picture, "-m", RunningDaemon.fixture("swish-scripted.pt"), "--row", "3", "--force")
        #expect(classifier.status == 64 && classifier.errors.contains("has no rows"))
    }

    @Test("inspect names the family, levels, rows, layers, and whether gradients flow") func inspectDetector()
        async throws
    {
        let result = try await gradcam("inspect", RunningDaemon.fixture("detector-anchored.pt"))
        #expect(result.status == 0, "\(result.errors)")
        for part in [
            "task        detection", "yolov5: 1008 rows of 3 anchors a cell, 5 classes",
            "stride 8: 16x16 cells, 768 rows, head input pyramid.neck8", "labels      5: kind 0, kind 1",
            "target      pyramid.join32  1x24x4x4  gradients flow", "method      local-gradcam",
        ] {
            #expect(result.output.contains(part), "\(part)")
        }
        let masks = try await gradcam("inspect", RunningDaemon.fixture("detector-masks.pt"))
        #expect(masks.output.contains("7 numbers behind the classes (segment)"))
        let blocked = try await gradcam("inspect", RunningDaemon.fixture("detector-blocked.pt"))
        #expect(blocked.output.contains("no gradient: only eigencam works"))
    }

    @Test("several classes, several files; the answer as JSON") func severalClasses() async throws {
        let result = try await gradcam(
            "explain", RunningDaemon.picture("grey.jpg").path, "-m", RunningDaemon.fixture("swish-scripted.pt"),
            "--top", "3", "--output", "o.png", "--json")
        #expect(result.status == 0, "\(result.errors)")
        #expect(try names == ["o-2.png", "o-3.png", "o.png"])
        let response = try MessageCoding.decode(WorkerResponse.self, from: result.output)
        guard case .explained(let explanation) = response.content else {
            Issue.record("\(result.output)")
            return
        }
        #expect(explanation.predictions.count == 3)
        #expect(explanation.predictions.map(\.score) == explanation.predictions.map(\.score).sorted(by: >))
    }

    @Test("one bad picture among good ones: the good ones are explained, and the status is 1") func oneBad()
        async throws
    {
        let result = try await gradcam(
            "explain", RunningDaemon.picture("grey.jpg").path, "/etc/hostname",
            RunningDaemon.picture("grey.png").path, "-m", RunningDaemon.fixture("swish-scripted.pt"))
        #expect(result.status == 1)
        #expect(result.errors.contains("gradcam: /etc/hostname: The file is not a picture but a text file."))
        // Both are called grey: the second must not replace the first.
        #expect(result.errors.contains("grey.cam.jpg is there already"))
        #expect(try names == ["grey.cam.jpg"])
    }

    @Test("a picture that ends the worker costs no other one") func workerEnds() async throws {
        // 0.3 GB decoded; libtorch and the network take somewhat less than 1 GB of address space.
        try HugePicture.write(side: 9_984, to: folder.appending(path: "huge.bmp").path)
        let gradcam = RunningDaemon.programs.appending(path: "gradcam").path
        let result = try await Program.run(
            "/usr/bin/prlimit",
            [
                "--as=1150000000", gradcam, "explain", "huge.bmp", RunningDaemon.picture("grey.jpg").path, "-m",
                RunningDaemon.fixture("swish-scripted.pt"),
            ], in: folder)
        #expect(result.status == 1, "\(result.text)")
        #expect(result.errors.contains("huge.bmp") && result.errors.contains("memory"), "\(result.errors)")
        #expect(try names.contains("grey.cam.jpg"))
    }

    @Test("a link that a person gives is followed") func link() async throws {
        try FileManager.default.createSymbolicLink(
            atPath: folder.appending(path: "link.jpg").path,
            withDestinationPath: RunningDaemon.picture("grey.jpg").path)
        #expect(try await gradcam("explain", "link.jpg", "-m", RunningDaemon.fixture("swish-scripted.pt")).status == 0)
        #expect(try names == ["link.cam.jpg", "link.jpg"])
    }

    @Test(
        "each kind of useless model has a status of its own and one clear sentence",
        arguments: [
            ("pickled.pt", Int32(3), "torch.save"), ("no-conv.pt", 4, "no grid to draw a map on"),
            ("text.pt", 65, "it is a text file"),
            ("missing.pt", 66, "missing.pt"),
        ])
    func uselessModel(name: String, status: Int32, sentence: String) async throws {
        for command in [["inspect"], ["explain", RunningDaemon.picture("grey.jpg").path, "--model"]] {
            let model = try RunningDaemon.fixture(name)
            let result =
                command.count == 1
                ? try await gradcam("inspect", model) : try await gradcam("explain", command[1], "--model", model)
            #expect(result.status == status)
            #expect(result.errors.hasPrefix("gradcam: ") && result.errors.contains(sentence), "\(result.errors)")
            #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
        }
    }

    @Test("an unknown class is refused with those that are near") func unknownClass() async throws {
        let result = try await gradcam(
            "explain", RunningDaemon.picture("grey.jpg").path, "-m",
            RunningDaemon.fixture("efficientnet-lite0.torchscript"), "--target", "cat")
        #expect(result.status == 64)
        #expect(result.errors.contains("tiger cat"), "\(result.errors)")
    }

    @Test("inspect names input, layers, the target and why") func inspect() async throws {
        let result = try await gradcam("inspect", RunningDaemon.fixture("resnet18.pt"))
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("input       1x3x224x224"))
        #expect(result.output.contains("gradients flow"))
        #expect(result.output.contains("layer4.1.conv2"))
        let json = try await gradcam("inspect", RunningDaemon.fixture("resnet18.pt"), "--json")
        let model = try MessageCoding.decode(ModelDescription.self, from: json.output)
        #expect(model.targets.map(\.shape) == [[1, 512, 7, 7]])
    }

    @Test("log prints rows as a table, as JSON, and as CSV that survives any name") func log() async throws {
        let path = folder.appending(path: "log.db").path
        let store = try Store(path: FilePath(path))
        for name in ["first.jpg", "say \"a,b\".jpg"] {
            let id = try store.claim(
                ArrivalRecord(
                    claim: name, name: Data(name.utf8), nameText: name, bytes: 1, modifiedAt: .now, owner: 0))
            try store.fail(id, because: Failure(.notAnImage, "It is text."))
        }
        let table = try await gradcam("log", "--log", path).output.split(separator: "\n")
        #expect(table.count == 3 && table[0].hasPrefix("id  time") && table[1].contains("It is text."))

        let answer = try await gradcam("log", "--log", path, "--json", "-n", "1")
        let json = try JSONSerialization.jsonObject(with: Data(answer.output.utf8))
        let rows = try #require(json as? [[String: Any]])
        #expect(rows.count == 1 && rows[0]["name"] as? String == "say \"a,b\".jpg")
        #expect(rows[0]["label"] is NSNull)

        let csv = try await gradcam("log", "--log", path, "--csv").output.split(separator: "\r\n")
        #expect(csv.count == 3 && csv[0].hasPrefix("id,time,name,state,"))
        // RFC 4180: the field in quotes, a quote in it doubled.
        #expect(csv[2].contains(#","say ""a,b"".jpg",failed,"#))

        #expect(try await gradcam("log", "--log", path, "--since", "1h").output.split(separator: "\n").count == 3)
        #expect(
            try await gradcam("log", "--log", path, "--since", "2999-01-01").output.split(separator: "\n").count == 1)
        #expect(try await gradcam("log", "--log", path, "--json", "--csv").status == 64)
        #expect(try await gradcam("log", "--log", path, "--since", "yesterday").status == 64)
        #expect(try await gradcam("log", "--log", "\(path).no").status == 66)
    }

    @Test("log takes conditions, and says which are none") func logConditions() async throws {
        let path = folder.appending(path: "log.db").path
        let store = try Store(path: FilePath(path))
        for (name, code) in [("a.jpg", Failure.Code.notAnImage), ("b.png", .damagedImage)] {
            let id = try store.claim(
                ArrivalRecord(
                    claim: name, name: Data(name.utf8), nameText: name, bytes: 1, modifiedAt: .now, owner: 0))
            try store.fail(id, because: Failure(code, "No."))
        }
        func names(_ arguments: String...) async throws -> [String] {
            let answer = try await Program.run("gradcam", ["log", "--log", path, "--csv"] + arguments)
            #expect(answer.status == 0, "\(answer.errors)")
            return answer.output.split(separator: "\r\n").dropFirst().map { String($0.split(separator: ",")[2]) }
        }
        #expect(try await names("--state", "failed", "--state", "done") == ["a.jpg", "b.png"])
        #expect(try await names("--error", "damaged_image") == ["b.png"])
        #expect(try await names("--name", "*.jpg", "--since", "1h") == ["a.jpg"])
        #expect(try await names("--until", "1h").isEmpty)
        #expect(try await names("--min-score", "0.5").isEmpty)
        #expect(try await names("--order", "id", "-n", "1") == ["b.png"])
        for wrong in [
            ["--state", "lost"], ["--error", "none"], ["--min-score", "7"], ["--order", "size"], ["-n", "0"],
            ["--follow", "--until", "1h"], ["--follow", "--order", "id"],
        ] {
            #expect(try await Program.run("gradcam", ["log", "--log", path] + wrong).status == 64, "\(wrong)")
        }
        let colored = try await Program.run("gradcam", ["log", "--log", path])
        #expect(!colored.output.contains("\u{1B}"))
    }

    @Test("check names everything that is wrong, with 78") func check() async throws {
        let file = folder.appending(path: "g.yaml")
        try "model: {file: m.pt}\nworkers: {count: many}\n".write(to: file, atomically: true, encoding: .utf8)
        let result = try await gradcam("check", file.path)
        #expect(result.status == 78)
        #expect(result.errors.contains("g.yaml:1: model.file must be an absolute path"))
        #expect(result.errors.contains("g.yaml:2: workers.count must be a whole number"))
    }

    @Test("workers that nobody counted are as many as the processors that taskset leaves") func processors()
        async throws
    {
        let file = folder.appending(path: "g.yaml")
        try "model: {file: \(RunningDaemon.fixture("swish-scripted.pt")), owner: self}\n".write(
            to: file, atomically: true, encoding: .utf8)
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let first = try #require(status.firstMatch(of: /Cpus_allowed_list:\s+([0-9]+)/)).1
        let gradcam = RunningDaemon.programs.appending(path: "gradcam").path
        let one = try await Program.run("/usr/bin/taskset", ["-c", String(first), gradcam, "check", file.path])
        #expect(one.output.contains("workers.count: 1\n"))
    }
}
