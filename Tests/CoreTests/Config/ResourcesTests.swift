import Foundation
import SystemPackage
import Testing

@testable import Core

@Suite("Resources") struct ResourcesTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func workers(
        _ settings: [String: String], processors: Int, gibibytes: Double = 1000
    ) async throws -> [Int] {
        let workers = try await Settings(
            file: nil, arguments: ["model.file": "/m.pt"].merging(settings) { $1 },
            resources: Resources(processors: processors, memoryBytes: Int(gibibytes * 0x1p30))
        ).workers
        return [workers.count, workers.threads]
    }

    @Test("by default there are as many workers of one thread as processors, but each has 1.5 GiB") func count()
        async throws
    {
        #expect(try await workers([:], processors: 6) == [6, 1])
        #expect(try await workers(["workers.count": "auto", "workers.threads": "auto"], processors: 6) == [6, 1])
        #expect(try await workers([:], processors: 6, gibibytes: 8) == [5, 1])
        #expect(try await workers([:], processors: 6, gibibytes: 0.5) == [1, 1])
        #expect(try await workers([:], processors: 1000, gibibytes: 10_000) == [256, 1])
    }

    @Test("where one of both is a number, the other one takes what is left") func oneOfBoth() async throws {
        #expect(try await workers(["workers.threads": "4"], processors: 6) == [1, 4])
        #expect(try await workers(["workers.threads": "2"], processors: 6) == [3, 2])
        #expect(try await workers(["workers.threads": "9"], processors: 6) == [1, 9])
        #expect(try await workers(["workers.count": "2", "workers.threads": "auto"], processors: 6) == [2, 3])
        #expect(try await workers(["workers.count": "9", "workers.threads": "auto"], processors: 6) == [9, 1])
        #expect(try await workers(["workers.count": "2"], processors: 6, gibibytes: 0.5) == [2, 1])
    }

    @Test("what is neither a number nor auto is refused, with both") func neither() async throws {
        let error = await #expect(throws: ConfigurationError.self) {
            try await workers(["workers.count": "automatic", "workers.threads": "0"], processors: 6)
        }
        let text = error?.description ?? ""
        #expect(text.contains("workers.count must be a whole number or auto, not \"automatic\""))
        #expect(text.contains("workers.threads must be from 1 to 256, not 0"))
    }

    @Test("other resources are other workers, and a change that a reload names") func reload() async throws {
        func settings(_ processors: Int) async throws -> Settings {
            try await Settings(
                file: nil, arguments: ["model.file": "/m.pt"],
                resources: Resources(processors: processors, memoryBytes: 1 << 40))
        }
        let (old, new) = try await (settings(2), settings(4))
        #expect(try old.changes(to: new).map(\.description) == ["workers.count 2 -> 4"])
        #expect(!old.asksForTheSameWorkers(as: new))
    }

    @Test("the folders that limit a process are those of its control group and all above it")
    func groups() {
        #expect(
            ControlGroup.folders(in: "1:name=systemd:/x\n0::/system.slice/gradcamd.service\n") == [
                "/sys/fs/cgroup", "/sys/fs/cgroup/system.slice", "/sys/fs/cgroup/system.slice/gradcamd.service",
            ])
        #expect(ControlGroup.folders(in: "0::/\n") == ["/sys/fs/cgroup"])
        #expect(ControlGroup.folders(in: "4:cpu:/docker\n").isEmpty && ControlGroup.folders(in: "").isEmpty)
        // As a process sees it that is outside the namespace of its groups.
        #expect(ControlGroup.folders(in: "0::/../x") == ["/sys/fs/cgroup", "/sys/fs/cgroup/x"])
    }

    @Test(
        "a quota is cut to whole processors, but one at least; max is none",
        arguments: [
            ("max 100000\n", nil), ("200000 100000\n", 2), ("250000 100000", 2), ("50000 100000", 1), ("", nil),
            ("5", nil), ("-1 100000", nil), ("100000 0", nil),
        ])
    func quota(text: String, processors: Int?) {
        #expect(ControlGroup.processors(inMax: text) == processors)
    }

    @Test("the smallest limit of all groups counts; a group without limits has none") func smallest() throws {
        for (group, processors, memory) in [("a", "max 100000", "4294967296"), ("b", "300000 100000", "max")] {
            try FileManager.default.createDirectory(
                atPath: folder.path.appending(group).string, withIntermediateDirectories: true)
            try folder.write(processors, to: "\(group)/cpu.max")
            try folder.write(memory, to: "\(group)/memory.max")
        }
        func limited(_ processors: Int, _ groups: [String]) -> Resources {
            Resources(
                processors: processors, memoryBytes: 8 << 30, limitedBy: groups.map { "\(folder.path)/\($0)" })
        }
        #expect(limited(6, ["a", "b", "none"]) == Resources(processors: 3, memoryBytes: 4 << 30))
        #expect(limited(2, ["a", "b"]).processors == 2)
        #expect(limited(6, ["none"]) == Resources(processors: 6, memoryBytes: 8 << 30))
    }

    @Test("this process has a processor and memory") func own() {
        let resources = Resources()
        #expect(resources.processors >= 1 && resources.memoryBytes > 1 << 20)
    }
}
