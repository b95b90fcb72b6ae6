import Foundation
import SystemPackage
import Testing

@testable import Core

@Suite("Control messages") struct ControlMessageTests {
    @Test(
        "requests written by hand",
        arguments: [
            (#"{"command":"status"}"#, ControlRequest.Command.status),
            (#"{"command":"why","path":"/srv/gradcamd/inbox/a b.jpg"}"#, .why(RawPath("/srv/gradcamd/inbox/a b.jpg"))),
            (
                #"{"command":"why","path":{"base64":"L3gv/w=="}}"#,
                .why(RawPath(FilePath(bytes: Array("/x/".utf8) + [255])))
            ),
            (#"{"command":"sync"}"#, .sync(timeout: nil)),
            (#"{"command":"sync","timeout_seconds":2.5}"#, .sync(timeout: .milliseconds(2500))),
            (#"{"command":"pause","version":1}"#, .pause(reason: "")),
            (#"{"command":"pause","reason":"backup"}"#, .pause(reason: "backup")),
            (#"{"command":"resume","future":[1]}"#, .resume),
            (#"{"command":"rescan"}"#, .rescan), (#"{"command":"metrics"}"#, .metrics),
            (#"{"command":"retain"}"#, .retain), (#"{"command":"reload"}"#, .reload),
            (#"{"command":"retry","ids":[17,18]}"#, .retry(.ids([17, 18]))),
            (#"{"command":"retry","all_failed":true}"#, .retry(.allFailed)),
            (#"{"command":"reexplain","ids":[3]}"#, .reexplain(.ids([3]))),
            (#"{"command":"reexplain","all":true}"#, .reexplain(.all)),
            (#"{"command":"reexplain","label":"cat"}"#, .reexplain(.matching(since: nil, label: "cat"))),
            (
                #"{"command":"reexplain","label":"cat","since":"2026-11"}"#,
                .reexplain(.matching(since: "2026-11", label: "cat"))
            ),
        ])
    func byHand(line: String, command: ControlRequest.Command) throws {
        #expect(try MessageCoding.decode(ControlRequest.self, from: line) == ControlRequest(command))
        let again = try MessageCoding.line(ControlRequest(command))
        #expect(try MessageCoding.decode(ControlRequest.self, from: again) == ControlRequest(command))
    }

    @Test(
        "a selection that says nothing, or two things, is refused",
        arguments: [
            #"{"command":"retry"}"#, #"{"command":"retry","ids":[]}"#,
            #"{"command":"retry","ids":[1],"all_failed":true}"#,
            #"{"command":"reexplain"}"#, #"{"command":"reexplain","ids":[1],"label":"cat"}"#,
            #"{"command":"reexplain","all":true,"since":"2026"}"#, #"{"command":"sync","timeout_seconds":-1}"#,
            #"{"command":"sync","timeout_seconds":1e300}"#, #"{"command":"why"}"#, #"{"command":"drop"}"#, "[]", "",
        ])
    func refused(line: String) {
        #expect(throws: (any Error).self) { try MessageCoding.decode(ControlRequest.self, from: line) }
    }

    @Test("the status is a document for programs: these keys, these units") func status() throws {
        let line = try MessageCoding.line(ControlResponse(.status(ControlSamples.status)))
        let json = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(json["version"] as? Int == 1 && json["kind"] as? String == "status")
        let report = try #require(json["report"] as? [String: Any])
        #expect(
            report.keys.sorted() == [
                "inbox", "last_errors", "log", "model", "pid", "queue", "rates", "since", "space", "started_at",
                "state", "totals", "version", "workers",
            ])
        let queue = try #require(report["queue"] as? [String: Any])
        #expect(queue.keys.sorted() == ["in_work", "more_in_inbox", "ready", "settling", "waiting"])
        let workers = try #require(report["workers"] as? [[String: Any]])
        #expect(workers[0]["resident_bytes"] as? Int == 412_000_000 && workers[0]["busy_seconds"] as? Double == 0.25)
        #expect(workers[1].keys.contains("busy_seconds") == false)
        #expect((report["rates"] as? [String: Double]) == ["1min": 41, "5min": 38.2, "60min": 20])
        #expect((report["space"] as? [String: Int])?["root_bytes"] == 12_300_000_000)
        let error = try #require((report["last_errors"] as? [[String: Any]])?.first)
        #expect(error["code"] as? String == "truncated_image")
    }

    @Test("every response comes back as it was")
    func responses() throws {
        let pause = PauseReport(state: .paused, reason: "backup", since: "2026-11-25T08:00:00.000Z", inWork: 2)
        let queue = RequeueReport(
            ids: [17], count: 1, refused: [.init(id: 18, reason: "It is done.")], refusedCount: 1)
        for content: ControlResponse.Content in [
            .status(ControlSamples.status), .why(ControlSamples.why),
            .progress(SyncProgress(finished: 1, remaining: 2)),
            .synced(
                SyncReport(finished: 3, failed: 1, held: [ControlSamples.why], heldCount: 1, timedOut: false)),
            .paused(pause), .resumed(pause), .rescanned, .retried(queue), .reexplained(queue),
            .metrics(ControlSamples.metrics), .retained(ControlSamples.retention), .reloaded(ControlSamples.reload),
            .failed(Failure(.diskFull, "Full.", remedy: "Make room.")),
        ] {
            let line = try MessageCoding.line(ControlResponse(content))
            #expect(line.utf8.filter { $0 == UInt8(ascii: "\n") }.count == 1)
            #expect(try MessageCoding.decode(ControlResponse.self, from: line) == ControlResponse(content))
        }
        let why = #"{"kind":"why","version":1,"report":{"name":"a.jpg","state":"open_by_writer","sentence":"s"}}"#
        #expect(
            try MessageCoding.decode(ControlResponse.self, from: why).content
                == .why(WhyReport(name: "a.jpg", state: .openByWriter, sentence: "s")))
    }
}
