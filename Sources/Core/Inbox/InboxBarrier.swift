/// A moment in the inbox: what was dropped before it, and when that has gone its way.
package struct InboxBarrier: Hashable, Sendable {
    let id: Int
}

extension InboxWatcher {
    private static let cookiePrefix = ".gradcamd-cookie-"
    /// Barriers remembered at most; older ones count as passed.
    private static let maximumBarriers = 1_000

    /// What must have been scanned before all files from before a barrier are known.
    struct BarrierState {
        /// A full scan of this number or a later one has ended.
        var scan: Int
        /// So often nothing was left to scan.
        var idle: Int
        /// Files below this number are from before the barrier; `nil` until the scans are through.
        var sequence: Int?
    }

    /// Returns when every event of what was dropped before is read. What the kernel did not tell of, or what was left
    /// out since there are too many, is found by scans, for which `isPassed` waits.
    ///
    /// - Throws: `InboxError.missing`; `CancellationError`, also where the watcher does not run any more.
    package func barrier() async throws -> InboxBarrier {
        try checkAnswering()
        if let root = rootWatch, watched[root] != nil, !way.polls, unwatched.isEmpty {
            // Events come in order: when the cookie's is read, all before it are (Watchman does the same).
            let name = FileName("\(Self.cookiePrefix)\(String(UInt64.random(in: 0 ... .max), radix: 16))") ?? ".cookie"
            let hasCome = await cookie(name)
            try? directory.remove(name)
            try checkAnswering()
            if !hasCome { rescan() }
        } else {
            rescan()
        }
        return addBarrier()
    }

    private func checkAnswering() throws {
        try Task.checkCancellation()
        if isOver { throw CancellationError() }
        if let missing { throw InboxError.missing(missing) }
    }

    /// No file from before the barrier settles, is ready, is left out, or was handed out and not taken yet. Files that
    /// wait for a reason of their own do not count; see `held`. False while the inbox is missing.
    package func isPassed(_ barrier: InboxBarrier) -> Bool {
        guard missing == nil else { return false }
        guard let state = barriers[barrier.id] else { return true }
        guard let sequence = state.sequence else { return false }
        let isAwaited =
            ready.entries.contains { $0.place.sequence < sequence }
            || handedOut.values.contains { $0.sequence < sequence }
            || settling.candidates.values.contains { $0.place.sequence < sequence && $0.hold == nil }
        if !isAwaited && heldFiles(before: sequence).isEmpty { barriers[barrier.id] = nil }
        return !isAwaited
    }

    /// Files that wait for a reason of their own and came before the barrier.
    package func held(by barrier: InboxBarrier) -> [(file: InboxFile, verdict: InboxVerdict)] {
        let files = heldFiles(before: barriers[barrier.id]?.sequence ?? 0) + Array(sightings.files)
        return files.map { (file: $0, verdict: verdict(on: $0)) }.filter(\.verdict.isHeld)
            .sorted { $0.file.text < $1.file.text }
    }

    private func heldFiles(before sequence: Int) -> [InboxFile] {
        settling.candidates.filter { $0.value.place.sequence < sequence && $0.value.hold != nil }.map(\.key)
    }

    // MARK: - Cookies

    /// - Returns: whether its event was read.
    private func cookie(_ name: FileName) async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard !Task.isCancelled, (try? directory.makeEmptyFile(name)) != nil else {
                    continuation.resume(returning: false)
                    return
                }
                cookies[name] = continuation
            }
        } onCancel: {
            Task { await self.resumeCookie(name, false) }
        }
    }

    func resumeCookie(_ name: FileName, _ hasCome: Bool) {
        cookies.removeValue(forKey: name)?.resume(returning: hasCome)
    }

    func resumeAllCookies(_ haveCome: Bool) {
        for name in Array(cookies.keys) { resumeCookie(name, haveCome) }
    }

    func isCookie(_ name: FileName) -> Bool { name.bytes.starts(with: Self.cookiePrefix.utf8) }

    /// Of a run that died.
    func isStaleCookie(_ name: FileName) -> Bool { isCookie(name) && cookies[name] == nil }

    // MARK: - States

    private func addBarrier() -> InboxBarrier {
        nextBarrier += 1
        barriers[nextBarrier] = BarrierState(
            // What the kernel dropped, and what was left out without a scan that would come to it, waits for another.
            scan: mustRescan || skipped || way.polls ? scanNumber + 1 : 0,
            idle: isScanning ? idleCount + 1 : 0)
        if barriers.count > Self.maximumBarriers { barriers[nextBarrier - Self.maximumBarriers] = nil }
        resolveBarriers()
        return InboxBarrier(id: nextBarrier)
    }

    func resolveBarriers() {
        for (id, state) in barriers where state.sequence == nil {
            if completedScan >= state.scan, idleCount >= state.idle {
                barriers[id]?.sequence = settling.nextSequence
            }
        }
    }

    /// The inbox is missing: what lies in it is known when it is back and scanned.
    func postponeBarriers() {
        for id in barriers.keys {
            barriers[id] = BarrierState(scan: scanNumber + 1, idle: 0, sequence: nil)
        }
    }
}
