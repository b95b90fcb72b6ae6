import Logging
import SystemPackage

/// Whether the path of the inbox still leads to our inbox. A disk that was unmounted leaves an empty mount point, and
/// a wrong one holds files that nobody asked us to take.
extension InboxWatcher {
    /// Puts the marker in its place, before the first scan.
    func arrive() {
        do throws(Errno) {
            try mark(directory)
            settleIn()
        } catch {
            lose(Self.fault(ofMarking: error))
        }
    }

    func checkIdentity() {
        nextCheck = clock.now + (missing == nil ? limits.check : limits.retry)
        if missing == nil {
            if let fault = marker.fault(of: directory) { lose(fault) }
        } else if let fault = comeBack() {
            tell(fault)
        }
    }

    /// A start takes the folder that it finds. What is found later must have the marker.
    private func mark(_ folder: Directory) throws(Errno) {
        switch try marker.presence(in: folder) {
        case .present: break
        case .missing: try marker.write(in: folder)
        case .other(let id):
            logger.log(.inboxAdopted, "\(folder.path) was the inbox of \(id); it is ours from now on")
            try marker.write(in: folder)
        }
        isMarked = true
    }

    private static func fault(ofMarking error: Errno) -> String {
        "it cannot be marked with the file \(InboxMarker.name.text) (\(error))"
    }

    /// Forgets everything that is known of the inbox.
    private func lose(_ fault: String) {
        nextCheck = clock.now + limits.retry
        for watch in watched.keys { inotify.unwatch(watch) }
        watched = [:]
        rootWatch = nil
        unwatched = []
        scanned = []
        announced = []
        isFullScan = false
        isPaused = false
        skipped = false
        mustRescan = true
        settling.forgetAll()
        ready.removeAll()
        sightings.forgetAll()
        let reason = tell(fault)
        resumeAllCookies(true)
        postponeBarriers()
        logger.log(.inboxMissing, "\(reason)")
    }

    @discardableResult
    private func tell(_ fault: String) -> String {
        let reason = """
            the inbox \(directory.path) is missing: \(fault). Nothing is taken meanwhile. Bring the right folder \
            back, and the service goes on by itself; or restart the service if the folder that is there is meant
            """
        if missing != reason { onMissing(reason) }
        missing = reason
        return reason
    }

    /// Opens what is there now, if it is ours.
    ///
    /// - Returns: why it does not; `nil` where it does.
    private func comeBack() -> String? {
        do throws(Errno) {
            let folder = try Directory(directory.path)
            if isMarked {
                if let fault = marker.faultOfMarker(in: folder) { return fault }
            } else {
                do throws(Errno) { try mark(folder) } catch { return Self.fault(ofMarking: error) }
            }
            directory = folder
        } catch {
            return error == .noSuchFileOrDirectory ? "it is gone" : "it cannot be opened (\(error))"
        }
        missing = nil
        logger.log(.inboxBack, "the inbox \(directory.path) is back")
        settleIn()
        onMissing(nil)
        return nil
    }

    /// On network file systems a file is whole after two equal looks, however short its quiet time is.
    func setQuietTimes() {
        let period = way.polls ? max(settings.settle, settings.poll) : settings.settle
        settling.setPeriod(period, afterMove: way.polls ? period : settings.settle / 3)
    }

    /// The file system may be another one than before.
    private func settleIn() {
        way = WatchWay(settings.watch, for: directory)
        setQuietTimes()
        let now = clock.now
        nextCheck = now + limits.check
        nextPoll = now + settings.poll
        nextRescan = now
        mustRescan = true
        let inotify = way.usesInotify ? " by inotify" : ""
        let polling = way.pollingReason.map { " by looking every \(settings.poll.inSeconds) s, since \($0)" }
        logger.log(
            .watching,
            "watching \(directory.path)\([inotify, polling ?? ""].filter { !$0.isEmpty }.joined(separator: " and"))")
    }
}
