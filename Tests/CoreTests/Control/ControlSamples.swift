import Core
import SystemPackage

/// Reports as a service might give them.
enum ControlSamples {
    static let status = StatusReport(
        state: .running, since: "2026-11-25T08:00:01.500Z", version: "0.1.0", pid: 812,
        startedAt: "2026-11-25T08:00:00.123Z",
        model: .init(name: "yolov8n", file: RawPath("/etc/gradcamd/models/yolov8n.torchscript")),
        queue: .init(settling: 3, ready: 12, inWork: 2, waiting: 0, moreInInbox: false),
        totals: .init(done: 1204, failed: 3, reused: 17), rates: .init(minute: 41, fiveMinutes: 38.2, hour: 20),
        lastErrors: [
            .init(
                time: "2026-11-25T08:14:59.000Z", name: "scan7.jpg", code: .truncatedImage,
                message: "The JPEG file is cut off after 12,288 bytes.", remedy: "Copy it again.")
        ],
        space: .init(rootBytes: 12_300_000_000, logBytes: 12_300_000_000, neededBytes: 536_870_912),
        workers: [
            .init(pid: 820, residentBytes: 412_000_000, images: 601, busySeconds: 0.25),
            .init(pid: 821, residentBytes: 409_400_000, images: 606, busySeconds: nil),
        ],
        inbox: .init(path: RawPath("/srv/gradcamd/inbox"), mode: .watching, watches: 4),
        log: .init(file: RawPath("/var/lib/gradcamd/log.db"), bytes: 8_400_000, walBytes: 64_000))

    static let why = WhyReport(
        name: "scans/a.jpg", state: .settling, sentence: "it settles: 0.8 of 1.5 s without a change",
        since: "2026-11-25T08:14:00.000Z")
}
