import Core
import SystemPackage
import Testing

@testable import CLI

@Suite("Texts of gradcam's answers") struct ControlTextTests {
    private func text(_ change: (inout StatusReport) -> Void = { _ in }) -> String {
        var report = ControlSamples.status
        change(&report)
        return StatusText.text(of: report, paint: Paint(isOn: false))
    }

    @Test("a service that runs") func running() {
        #expect(
            text() == """
                gradcamd 0.1.0 is running since 2026-11-25 08:00 UTC (pid 812): watching /srv/gradcamd/inbox
                queue        3 settling, 12 ready, 2 in work, 0 waiting
                done         1,204 (41 in the last minute, 20 a minute in the last hour), 3 failed, 17 reused
                model        yolov8n, 2 workers
                worker       pid 820: 412 MB, 601 images, busy for 0.3 s
                             pid 821: 409 MB, 606 images, idle
                space        12.3 GB free for the tree, 12.3 GB for the log
                log          /var/lib/gradcamd/log.db, 8.4 MB and 64.0 kB in -wal
                last errors  08:14 scan7.jpg: The JPEG file is cut off after 12,288 bytes. Copy it again.

                """)
    }

    @Test("what keeps it from running stands in the first line, with its reason") func notRunning() {
        func headline(_ state: StatusReport.State, _ reason: String) -> String {
            String(
                text { ($0.state, $0.reason, $0.since) = (state, reason, "2026-11-25T09:30:01.000Z") }.prefix {
                    $0 != "\n"
                })
        }
        #expect(headline(.paused, "backup") == "gradcamd 0.1.0 is paused since 2026-11-25 09:30 UTC (pid 812): backup")
        #expect(
            headline(.waiting, "the disk is full")
                == "gradcamd 0.1.0 is waiting since 2026-11-25 09:30 UTC (pid 812): the disk is full")
        #expect(
            headline(.inboxMissing, "it was renamed")
                == "gradcamd 0.1.0 is waiting since 2026-11-25 09:30 UTC (pid 812) for its inbox /srv/gradcamd/inbox: "
                + "it was renamed")
    }

    @Test("what a person should look after is said, and only then") func troubles() {
        let text = text {
            $0.inbox.mode = .polling
            $0.inbox.reason = "it is on NFS"
            $0.inbox.overflows = 1
            $0.inbox.unwatchedFolders = 2
            $0.inbox.unreadable = .init(count: 1, first: ["a\u{1B}[31m.jpg"])
            $0.inbox.ignored = .init(count: 1200, first: ["1.part", "2.part", "3.part", "4.part"])
            $0.inbox.openForWriting = 2
            $0.inbox.incomplete = 1
            $0.queue.moreInInbox = true
            $0.space.logBytes = 100
            $0.workers = []
        }
        for line in [
            "queue        3 settling (2 open for writing, 1 incomplete), 12 ready, 2 in work, 0 waiting; more in the inbox\n",
            "model        yolov8n, 0 workers\n",
            "space        12.3 GB free for the tree, 100 B for the log; 537 MB are needed\n",
            "inbox        is polled: it is on NFS\n",
            "             2 folders polled for want of watches: raise fs.inotify.max_user_watches\n",
            "             the kernel dropped events 1 time; looked through again\n",
            "             1 cannot be read: a\u{FFFD}[31m.jpg\n",
            "             1,200 ignored for more than an hour, by name: 1.part, 2.part, 3.part, …\n",
        ] { #expect(text.contains(line), "\(line)\(text)") }
        #expect(!text.contains("\u{1B}"))
    }

    @Test("colours come where they are wanted, and nothing else changes") func colors() {
        let colored = StatusText.text(of: ControlSamples.status, paint: Paint(isOn: true))
        #expect(colored.contains("is \u{1B}[32mrunning\u{1B}[0m since"))
        #expect(colored.replacing("\u{1B}[32m", with: "").replacing("\u{1B}[0m", with: "") == text())
    }

    @Test("numbers as people read them") func quantities() {
        #expect(
            [0, 999, 1000, 1_234_567, -1204].map { Quantity.count($0) } == ["0", "999", "1,000", "1,234,567", "-1,204"])
        #expect([Int.min].map { Quantity.count($0) } == ["-9,223,372,036,854,775,808"])
        #expect(Quantity.count(1, "image") == "1 image" && Quantity.count(0, "image") == "0 images")
        let sizes: [(Int64, String)] = [
            (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (99_949, "99.9 kB"), (99_960, "100 kB"), (999_499, "999 kB"),
            (999_500, "1.0 MB"), (412_000_000, "412 MB"), (12_300_000_000, "12.3 GB"), (Int64.max, "9.2 EB"),
        ]
        for (bytes, text) in sizes { #expect(Quantity.size(bytes) == text) }
    }

    @Test("why") func why() {
        #expect(ControlText.text(of: ControlSamples.why) == "scans/a.jpg: it settles: 0.8 of 1.5 s without a change\n")
        let failed = WhyReport(
            name: "b.jpg", state: .failed, sentence: "it failed at 2026-11-25 08:14 UTC: It is text.",
            remedy: "Drop a picture.", id: 18, attempt: 3)
        #expect(
            ControlText.text(of: failed)
                == "b.jpg: it failed at 2026-11-25 08:14 UTC: It is text.\n  Drop a picture.\n  row 18 of the log, attempt 3\n"
        )
        let done = WhyReport(
            name: "c.jpg", state: .done, sentence: "it was explained", id: 19, overlay: RawPath("/o/19-c.jpg.cam.jpg"))
        #expect(
            ControlText.text(of: done) == "c.jpg: it was explained\n  -> /o/19-c.jpg.cam.jpg\n  row 19 of the log\n")
    }

    @Test("sync") func sync() {
        #expect(
            ControlText.text(of: SyncReport(finished: 1200, failed: 0, held: [], heldCount: 0, timedOut: false))
                == "1,200 finished\n")
        let held = SyncReport(finished: 3, failed: 1, held: [ControlSamples.why], heldCount: 2, timedOut: true)
        #expect(
            ControlText.text(of: held) == """
                3 finished, 1 of them failed: see 'gradcam log'
                the time ran out
                2 not finished:
                  scans/a.jpg: it settles: 0.8 of 1.5 s without a change
                  …

                """)
    }

    @Test("pause, resume, retry") func others() {
        var pause = PauseReport(state: .paused, since: "2026-11-25T08:00:00.000Z", inWork: 1)
        #expect(
            ControlText.text(ofPause: pause)
                == "paused, also after a restart; 1 image in work is finished. 'gradcam resume' goes on.\n")
        (pause.state, pause.reason) = (.waiting, "the disk is full")
        #expect(ControlText.text(ofResume: pause) == "resumed, but it is waiting: the disk is full\n")
        pause.state = .running
        #expect(ControlText.text(ofResume: pause) == "resumed\n")

        let none = RequeueReport(ids: [], count: 0, refused: [], refusedCount: 0)
        #expect(ControlText.text(of: none, "tried again") == "nothing is tried again\n")
        let one = RequeueReport(ids: [17], count: 1, refused: [.init(id: 18, reason: "it is done")], refusedCount: 1)
        #expect(
            ControlText.text(of: one, "tried again") == "1 image is tried again: row 17\nrow 18 is not: it is done\n")
        let many = RequeueReport(ids: Array(1...30), count: 4000, refused: [], refusedCount: 0)
        #expect(
            ControlText.text(of: many, "explained again")
                == "4,000 images are explained again: rows 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, …\n")
    }
}
