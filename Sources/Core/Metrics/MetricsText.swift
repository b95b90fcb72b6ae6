/// The numbers of several services in one text for Prometheus.
package struct MetricsText {
    package struct Service: Sendable {
        /// "gradcamd", "gradcamd@street": as its unit is called.
        package let name: String
        /// `nil` where it did not answer.
        package let report: MetricsReport?

        package init(name: String, report: MetricsReport?) {
            self.name = name
            self.report = report
        }
    }

    private let services: [Service]
    private var families: [MetricFamily] = []

    package init(_ services: [Service]) {
        self.services = services
        addService()
        addImages()
        addTimes()
        addQueue()
        addWorkers()
        addInbox()
        addDisks()
    }

    package var text: String { families.map(\.text).joined() }

    // MARK: - Families

    private mutating func addService() {
        var up = MetricFamily("gradcamd_up", .gauge, "Whether the service answers at its control socket.")
        for service in services { up.add(service.report == nil ? 0 : 1, ("service", service.name)) }
        families.append(up)
        var build = MetricFamily("gradcamd_build_info", .gauge, "Always 1; what runs.")
        answered { name, report in
            build.add(
                1, ("service", name), ("version", report.version), ("libtorch", report.libtorch),
                ("model", report.model))
        }
        families.append(build)
        gauge("gradcamd_start_time_seconds", "When the service started, in seconds since 1970.") { $0.startedSeconds }
        gauge("gradcamd_paused", "1 while people have paused the service.") { $0.isPaused ? 1 : 0 }
        gauge("gradcamd_waiting", "1 while nothing is taken, or an image stands still, for a reason that passes.") {
            $0.isWaiting ? 1 : 0
        }
        gauge("gradcamd_resident_memory_bytes", "Resident memory of the daemon, without its workers.") {
            Double($0.residentBytes)
        }
    }

    private mutating func addImages() {
        var images = MetricFamily(
            "gradcamd_images_total", .counter,
            "Images that came to their end; each is in one state. In the log, done is done and reused together.")
        answered { name, report in
            let counts = report.images
            for (state, count) in [
                ("done", counts.done), ("reused", counts.reused), ("failed", counts.failed),
                ("vanished", counts.vanished),
            ] { images.add(Double(count), ("service", name), ("state", state)) }
        }
        families.append(images)
        counter("gradcamd_failures_total", "Images that went to failed/, by error code.", "code") {
            $0.measurements.failures
        }
        counter(
            "gradcamd_attempts_failed_total", "Attempts at an image that cost a worker, by error code.", "code"
        ) { $0.measurements.failedAttempts }
        counter("gradcamd_detections_total", "Classes and objects that were found.") {
            Double($0.measurements.detections)
        }
    }

    private mutating func addTimes() {
        var stages = MetricFamily(
            "gradcamd_stage_seconds", .histogram,
            "Time of explained images at each stage; commit is publishing overlays and writing rows.")
        answered { name, report in
            for stage in Measurements.Stage.allCases {
                guard let histogram = report.measurements.stages[stage.rawValue] else { continue }
                stages.add(histogram, ("service", name), ("stage", stage.rawValue))
            }
        }
        families.append(stages)
        var images = MetricFamily(
            "gradcamd_image_seconds", .histogram, "Time from the claim of an image to its end, with all waits.")
        answered { name, report in images.add(report.measurements.image, ("service", name)) }
        families.append(images)
    }

    private mutating func addQueue() {
        var queue = MetricFamily(
            "gradcamd_queue", .gauge,
            "Unfinished images: settling or ready in the inbox, in work, or waiting for a reason that passes.")
        answered { name, report in
            for (place, count) in [
                ("settling", report.queue.settling), ("ready", report.queue.ready), ("work", report.queue.inWork),
                ("waiting", report.queue.waiting),
            ] { queue.add(Double(count), ("service", name), ("place", place)) }
        }
        families.append(queue)
        gauge(
            "gradcamd_queue_incomplete",
            "1 while there are more files in the inbox than the service keeps names of: gradcamd_queue is less than all."
        ) { $0.queue.moreInInbox ? 1 : 0 }
        gauge(
            "gradcamd_oldest_seconds",
            "How long the unfinished file that was noticed first has been known, since it came or the service started."
        ) { $0.oldestSeconds }
    }

    private mutating func addWorkers() {
        var workers = MetricFamily("gradcamd_workers", .gauge, "Worker processes.")
        answered { name, report in
            workers.add(Double(report.workers.busy), ("service", name), ("state", "busy"))
            workers.add(Double(report.workers.idle), ("service", name), ("state", "idle"))
        }
        families.append(workers)
        gauge("gradcamd_worker_resident_bytes", "Resident memory of all workers together.") {
            Double($0.workers.residentBytes)
        }
        counter("gradcamd_worker_restarts_total", "Workers that took the place of one that died or was replaced.") {
            Double($0.workers.restarts)
        }
    }

    private mutating func addInbox() {
        gauge("gradcamd_inbox_missing", "1 while the inbox is not where it should be.") { $0.isInboxMissing ? 1 : 0 }
        var left = MetricFamily(
            "gradcamd_left_alone", .gauge, "Files that stay in the inbox until a person does something, by reason.")
        answered { name, report in
            for (reason, count) in [
                ("unreadable", report.leftAlone.unreadable), ("ignored", report.leftAlone.ignored),
                ("special", report.leftAlone.special), ("too_deep", report.leftAlone.tooDeep),
            ] { left.add(Double(count), ("service", name), ("reason", reason)) }
        }
        families.append(left)
        counter("gradcamd_inotify_overflows_total", "How often the kernel dropped events; each time all was scanned.") {
            Double($0.inotifyOverflows)
        }
    }

    private mutating func addDisks() {
        var free = MetricFamily("gradcamd_free_bytes", .gauge, "Free on the disk of the tree, and of the log.")
        answered { name, report in
            free.add(Double(report.space.rootBytes), ("service", name), ("disk", "tree"))
            free.add(Double(report.space.logBytes), ("service", name), ("disk", "log"))
        }
        families.append(free)
        gauge("gradcamd_needed_free_bytes", "Below this nothing is taken (limits.min_free_bytes).") {
            Double($0.space.neededBytes)
        }
        var log = MetricFamily("gradcamd_log_bytes", .gauge, "Size of the log and of the write-ahead log beside it.")
        answered { name, report in
            log.add(Double(report.log.bytes), ("service", name), ("part", "database"))
            log.add(Double(report.log.walBytes), ("service", name), ("part", "wal"))
        }
        families.append(log)
    }

    // MARK: - One series a service

    private func answered(_ body: (String, MetricsReport) -> Void) {
        for service in services { if let report = service.report { body(service.name, report) } }
    }

    private mutating func gauge(_ name: String, _ help: String, _ value: (MetricsReport) -> Double) {
        add(MetricFamily(name, .gauge, help), value)
    }

    private mutating func counter(_ name: String, _ help: String, _ value: (MetricsReport) -> Double) {
        add(MetricFamily(name, .counter, help), value)
    }

    private mutating func add(_ family: MetricFamily, _ value: (MetricsReport) -> Double) {
        var family = family
        answered { name, report in family.add(value(report), ("service", name)) }
        families.append(family)
    }

    /// A counter that has a series for each key.
    private mutating func counter(
        _ name: String, _ help: String, _ label: String, _ values: (MetricsReport) -> [String: Int]
    ) {
        var family = MetricFamily(name, .counter, help)
        answered { service, report in
            for (key, count) in values(report).sorted(by: { $0.key < $1.key }) {
                family.add(Double(count), ("service", service), (label, key))
            }
        }
        families.append(family)
    }
}
