import Testing

@testable import Core

@Suite("Changes of settings") struct SettingsChangesTests {
    private func settings(_ changes: [String: String] = [:]) async throws -> Settings {
        try await Settings(
            file: nil, arguments: ["model.file": "/m.pt"].merging(changes) { $1 },
            resources: Resources(processors: 1, memoryBytes: 8 << 30))
    }

    @Test("each key that differs, old and new, in the file's order") func changes() async throws {
        let new = try await settings(["log.level": "debug", "explanations.method": "layercam", "model.layers": "a,b"])
        #expect(
            try await settings().changes(to: new).map(\.description) == [
                "model.layers [] -> [a, b]", "explanations.method auto -> layercam", "log.level info -> debug",
            ])
        #expect(try new.changes(to: new).isEmpty)
    }

    @Test(
        "what is open, watched or listened at needs a new start, and all of it is said",
        arguments: [
            ("root", "/r"), ("log.file", "/l.db"), ("control.socket", "/c.sock"), ("inbox.watch", "poll"),
            ("inbox.status_file", "true"),
        ])
    func fixed(key: String, value: String) async throws {
        let new = try await settings([key: value, "overlay.quality": "1"])
        let old = try await settings()
        let error = #expect(throws: ConfigurationError.self) { try old.changes(to: new) }
        #expect(error?.problems.map(\.key) == [key])
        #expect(error?.description.contains("Restart the service") == true)
    }

    @Test("only what a worker is started with asks for other workers") func workers() async throws {
        let old = try await settings()
        for key in [
            "model.file": "/n.pt", "model.layers": "a", "model.precision": "bfloat16", "workers.count": "2",
            "workers.threads": "2", "workers.deadline_seconds": "1", "workers.replace_after_images": "1",
            "limits.max_pixels": "1",
        ] { #expect(try await !old.asksForTheSameWorkers(as: settings([key.key: key.value])), "\(key)") }
        for key in [
            "model.owner": "self", "explanations.top": "2", "detections.explained": "3", "overlay.format": "png",
            "inbox.settle_seconds": "3", "limits.min_free_bytes": "1", "policy.originals": "keep",
            "retention.rows_days": "1", "log.level": "debug",
        ] { #expect(try await old.asksForTheSameWorkers(as: settings([key.key: key.value])), "\(key)") }
    }
}
