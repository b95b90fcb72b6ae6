import Testing

@testable import Core

@Suite("Metrics text") struct MetricsTextTests {
    private func lines(_ services: MetricsText.Service...) -> [String] {
        MetricsText(services).text.split(separator: "\n").map(String.init)
    }

    @Test("each number has its line, with the unit in its name") func numbers() {
        let lines = lines(.init(name: "gradcamd", report: ControlSamples.metrics))
        for expected in [
            #"gradcamd_up{service="gradcamd"} 1"#,
            #"gradcamd_build_info{service="gradcamd",version="0.1.0",libtorch="1.13.1",model="yolov8n"} 1"#,
            #"gradcamd_start_time_seconds{service="gradcamd"} 1795593600.125"#,
            #"gradcamd_images_total{service="gradcamd",state="done"} 1187"#,
            #"gradcamd_images_total{service="gradcamd",state="reused"} 17"#,
            #"gradcamd_queue{service="gradcamd",place="ready"} 12"#,
            #"gradcamd_oldest_seconds{service="gradcamd"} 4.5"#,
            #"gradcamd_workers{service="gradcamd",state="busy"} 1"#,
            #"gradcamd_worker_resident_bytes{service="gradcamd"} 821400000"#,
            #"gradcamd_worker_restarts_total{service="gradcamd"} 2"#,
            #"gradcamd_left_alone{service="gradcamd",reason="ignored"} 2"#,
            #"gradcamd_waiting{service="gradcamd"} 1"#, #"gradcamd_paused{service="gradcamd"} 0"#,
            #"gradcamd_free_bytes{service="gradcamd",disk="tree"} 12300000000"#,
            #"gradcamd_stage_seconds_bucket{service="gradcamd",stage="forward",le="0.0025"} 0"#,
            #"gradcamd_stage_seconds_bucket{service="gradcamd",stage="commit",le="+Inf"} 0"#,
            #"gradcamd_image_seconds_count{service="gradcamd"} 0"#,
        ] { #expect(lines.contains(expected), "\(expected)") }
    }

    @Test("a family is one block, whatever the number of services; one that does not answer is down and has no more")
    func families() {
        let lines = lines(
            .init(name: "gradcamd", report: ControlSamples.metrics), .init(name: "gradcamd@down", report: nil),
            .init(name: "gradcamd@street", report: ControlSamples.metrics))
        #expect(lines.filter { $0.contains("gradcamd@down") } == [#"gradcamd_up{service="gradcamd@down"} 0"#])
        let types = lines.filter { $0.hasPrefix("# TYPE") }
        #expect(Set(types).count == types.count)
        // Every sample stands below the type of its own family.
        var family = ""
        for line in lines {
            if line.hasPrefix("# TYPE ") {
                family = String(line.split(separator: " ")[2])
            } else if !line.hasPrefix("#") {
                let name = String(line.prefix { $0 != "{" })
                #expect([family, family + "_bucket", family + "_sum", family + "_count"].contains(name), "\(line)")
            }
        }
        #expect(lines.filter { $0.hasPrefix("gradcamd_images_total") }.count == 8)
    }

    @Test("counters are called total, and nothing else is") func names() {
        for line in lines(.init(name: "gradcamd", report: ControlSamples.metrics)) where line.hasPrefix("# TYPE ") {
            let words = line.split(separator: " ")
            #expect(words[2].hasSuffix("_total") == (words[3] == "counter"), "\(line)")
        }
    }

    @Test("a hostile name of a model cannot break a line") func escaping() {
        var report = ControlSamples.metrics
        report.model = "a\\b\"c\nd"
        #expect(
            lines(.init(name: "gradcamd", report: report)).contains(
                #"gradcamd_build_info{service="gradcamd",version="0.1.0",libtorch="1.13.1",model="a\\b\"c\nd"} 1"#))
    }

    @Test(
        "numbers as Go's ParseFloat reads them",
        arguments: [(0.1, "0.1"), (3, "3"), (-2.5, "-2.5"), (1e300, "1e+300"), (.infinity, "+Inf"), (.nan, "NaN")])
    func number(value: Double, text: String) { #expect(MetricFamily.text(of: value) == text) }
}
