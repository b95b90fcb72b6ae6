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

    static let metrics = MetricsReport(
        version: "0.1.0", libtorch: "1.13.1", model: "yolov8n", startedSeconds: 1_795_593_600.125,
        images: .init(done: 1187, reused: 17, failed: 3, vanished: 1), measurements: .init(), queue: status.queue,
        oldestSeconds: 4.5,
        workers: .init(busy: 1, idle: 1, residentBytes: 821_400_000, restarts: 2),
        leftAlone: .init(unreadable: 1, ignored: 2, special: 3, tooDeep: 0), isPaused: false, isWaiting: true,
        isInboxMissing: false, inotifyOverflows: 1, space: status.space, log: status.log, residentBytes: 61_000_000)

    static let retention = RetentionReport(
        keepsEverything: false, originals: .init(files: 12, bytes: 3_565_158), overlays: .init(files: 0, bytes: 0),
        failed: .init(files: 1, bytes: 10), rows: 500, logBytes: 1_258_291,
        summary: "12 originals (3.4 MiB), 1 failed files (10 bytes), 500 rows (1.2 MiB)",
        hindrances: ["retention cannot remove /x: Permission denied."])

    static let reload = ReloadReport(
        changes: [.init(key: "explanations.method", old: "auto", new: "layercam")], model: "yolov8n",
        replacedWorkers: false)

    static let why = WhyReport(
        name: "scans/a.jpg", state: .settling, sentence: "it settles: 0.8 of 1.5 s without a change",
        since: "2026-11-25T08:14:00.000Z")
}
