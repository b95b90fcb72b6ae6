import Core
import Foundation
import Glibc
import Testing

/// The numbers of a running service, as a monitoring system reads them.
@Suite("Metrics", .timeLimit(.minutes(3))) struct MetricsTests {
    /// By the name of the series and its labels, "name{a=b,c=d}" in the order of the labels' names, without `service`.
    private typealias Samples = [String: Double]

    /// Has the text read by the parser of Prometheus' own Python client, which refuses what is not the format.
    private func parsed(_ text: String) async throws -> Samples {
        let file = FileManager.default.temporaryDirectory.appending(path: "metrics-\(UUID().uuidString)")
        try text.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let script = """
            import json, sys
            from prometheus_client.parser import text_string_to_metric_families
            samples = {}
            for family in text_string_to_metric_families(open(sys.argv[1]).read()):
                assert family.documentation and family.type in ("counter", "gauge", "histogram"), family
                for sample in family.samples:
                    labels = ",".join(f"{k}={v}" for k, v in sorted(sample.labels.items()) if k != "service")
                    name = sample.name + ("{" + labels + "}" if labels else "")
                    assert name not in samples, name
                    samples[name] = sample.value
            json.dump(samples, sys.stdout)
            """
        let result = try await Program.run("/usr/bin/python3", ["-c", script, file.path])
        try #require(result.status == 0, "\(result.errors)")
        return try JSONDecoder().decode(Samples.self, from: Data(result.output.utf8))
    }

    private func metrics(_ daemon: RunningDaemon) async throws -> Samples {
        let answer = try await daemon.ask("metrics")
        #expect(answer.status == 0 && answer.errors.isEmpty, "\(answer.errors)")
        return try await parsed(answer.output)
    }

    @Test("counts are those of the log, histograms those of the images, and the parser of Prometheus takes them")
    func counts() async throws {
        let daemon = try RunningDaemon(model: RunningDaemon.fixture("swish-scripted.pt"))
        try daemon.start()
        try await daemon.watching()
        try daemon.drop("baseline.jpg", as: "a.jpg")
        try daemon.drop("grey.png", as: "b.png")
        try daemon.drop("rgb.png", as: "c.png")
        try "Dear radiologist,\n".write(
            to: daemon.root.appending(path: "inbox/letter.jpg"), atomically: false, encoding: .utf8)
        _ = try await daemon.ask("sync")
        try daemon.drop("baseline.jpg", as: "again.jpg")
        _ = try await daemon.ask("sync")
        let samples = try await metrics(daemon)

        #expect(daemon.states().sorted() == ["done", "done", "done", "done", "failed"])
        for (name, value) in [
            ("gradcamd_up", 1), ("gradcamd_images_total{state=done}", 3), ("gradcamd_images_total{state=reused}", 1),
            ("gradcamd_images_total{state=failed}", 1), ("gradcamd_images_total{state=vanished}", 0),
            ("gradcamd_failures_total{code=not_an_image}", 1), ("gradcamd_image_seconds_count", 5),
            ("gradcamd_queue{place=ready}", 0), ("gradcamd_queue{place=work}", 0), ("gradcamd_oldest_seconds", 0),
            ("gradcamd_workers{state=idle}", 1), ("gradcamd_workers{state=busy}", 0), ("gradcamd_paused", 0),
            ("gradcamd_worker_restarts_total", 0), ("gradcamd_inbox_missing", 0), ("gradcamd_waiting", 0),
        ] { #expect(samples[name] == Double(value), "\(name)") }
        // Three images were explained; what each stage took together is what the log says of each image together.
        let stages = ["decode", "preprocess", "forward", "explain", "write"]
        for stage in stages + ["commit"] {
            #expect(samples["gradcamd_stage_seconds_count{stage=\(stage)}"] == 3)
            #expect(samples["gradcamd_stage_seconds_bucket{le=+Inf,stage=\(stage)}"] == 3)
        }
        let sum: Double = stages.compactMap { samples["gradcamd_stage_seconds_sum{stage=\($0)}"] }.reduce(0, +)
        let explained = try daemon.log().filter { $0["same_as"] == .null }
        let logged: Double = explained.reduce(0) { sum, entry in
            if case .real(let milliseconds) = entry["milliseconds"] { sum + milliseconds } else { sum }
        }
        #expect(logged > 0 && abs(sum * 1000 - logged) < 0.1, "\(sum * 1000) and \(logged)")
        #expect(try #require(samples["gradcamd_resident_memory_bytes"]) > 1_000_000)
        #expect(try #require(samples["gradcamd_worker_resident_bytes"]) > 10_000_000)
        #expect(try #require(samples["gradcamd_start_time_seconds"]) > 1_700_000_000)
    }

    @Test("the oldest file is known from when it came, and so is one that nothing is done with") func oldest()
        async throws
    {
        let daemon = try RunningDaemon(model: RunningDaemon.fixture("swish-scripted.pt"))
        try daemon.start()
        try await daemon.watching()
        _ = try await daemon.ask("pause")
        let dropped = ContinuousClock.now
        try daemon.drop("grey.png", as: "a.png")
        try await daemon.until("it is ready") { try await metrics(daemon)["gradcamd_queue{place=ready}"] == 1 }
        let before = try await metrics(daemon)
        #expect(before["gradcamd_paused"] == 1)
        let age = try #require(before["gradcamd_oldest_seconds"])
        // Settling took 0.1 s, and it cannot be known for longer than it is there.
        #expect(age >= 0.1 && age <= (ContinuousClock.now - dropped) / .seconds(1))
        // A younger one does not make it younger, nor does putting it off.
        try daemon.drop("rgb.png", as: "b.png")
        #expect(utimes(daemon.root.appending(path: "inbox/a.png").path, nil) == 0)
        try await daemon.until("both are ready") { try await metrics(daemon)["gradcamd_queue{place=ready}"] == 2 }
        #expect(try #require(try await metrics(daemon)["gradcamd_oldest_seconds"]) > age)
        _ = try await daemon.ask("resume")
        _ = try await daemon.ask("sync")
        #expect(try await metrics(daemon)["gradcamd_oldest_seconds"] == 0)
    }

    @Test("a worker that died is counted, and so is what it cost") func workers() async throws {
        let daemon = try RunningDaemon(model: RunningDaemon.fixture("swish-scripted.pt"))
        try daemon.start()
        try await daemon.watching()
        let worker = try #require(try daemon.workers().first)
        #expect(kill(worker, SIGKILL) == 0)
        try daemon.drop("grey.png", as: "a.png")
        _ = try await daemon.ask("sync")
        let samples = try await metrics(daemon)
        #expect(daemon.states() == ["done"])
        #expect(samples["gradcamd_worker_restarts_total"] == 1)
        #expect(samples["gradcamd_attempts_failed_total{code=worker_crashed}"] == 1)
        #expect(samples["gradcamd_failures_total{code=worker_crashed}"] == nil)
        #expect(samples["gradcamd_images_total{state=done}"] == 1)
    }

    @Test("a service that does not answer is down; another one is told of all the same") func down() async throws {
        let daemon = try RunningDaemon(model: RunningDaemon.fixture("swish-scripted.pt"))
        try daemon.start()
        try await daemon.watching()
        let answer = try await daemon.ask("metrics", "--socket", "/nowhere/control.sock")
        #expect(answer.status == 0 && answer.errors.contains("/nowhere/control.sock"))
        #expect(answer.output.contains(#"gradcamd_up{service="/nowhere/control.sock"} 0"#))
        #expect(answer.output.contains(#"gradcamd_up{service="gradcamd@"#) && answer.output.contains(#""} 1"#))
    }

    @Test(
        "--http answers one request and ends",
        arguments: [
            ("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK\r\n", true),
            ("HEAD /metrics HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n", false),
            ("GET /x HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found\r\n", false),
            ("POST /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 405 Method Not Allowed\r\n", false),
            ("nonsense\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n", false),
            ("GET /metrics HTTP/1.1\r\nHo", "HTTP/1.1 400 Bad Request\r\n", false),
            (String(repeating: "x", count: 9000), "HTTP/1.1 431 Request Header Fields Too Large\r\n", false),
        ])
    func http(request: String, status: String, hasMetrics: Bool) async throws {
        let command =
            "printf '%s' \"$1\" | \"$2\" metrics --http --socket /nowhere/control.sock"
        let answer = try await Program.run(
            "/bin/bash", ["-c", command, "bash", request, RunningDaemon.programs.appending(path: "gradcam").path])
        #expect(answer.status == 0, "\(answer.errors)")
        #expect(answer.output.hasPrefix(status), "\(answer.output)")
        #expect(answer.output.contains("gradcamd_up{") == hasMetrics)
        let parts = answer.output.components(separatedBy: "\r\n\r\n")
        let length = parts[0].components(separatedBy: "Content-Length: ")[1].prefix { $0.isNumber }
        if !request.hasPrefix("HEAD") { #expect(Int(length) == parts[1].utf8.count) }
        #expect(parts[0].contains("Connection: close"))
    }

    @Test("a client that says nothing is let go") func silent() async throws {
        let gradcam = RunningDaemon.programs.appending(path: "gradcam").path
        let answer = try await Program.run(
            "/bin/bash", ["-c", "\"$1\" metrics --http < <(exec sleep 15)", "bash", gradcam])
        #expect(answer.output.hasPrefix("HTTP/1.1 408 Request Timeout\r\n"), "\(answer.output)")
    }
}
