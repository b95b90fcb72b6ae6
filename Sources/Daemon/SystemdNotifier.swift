import Core
import ServiceLifecycle

/// Tells systemd that we are up, alive and going. Alive is that the run loop answers and no worker is overdue, not that
/// a timer fires.
struct SystemdNotifier: Service {
    let systemd: Systemd
    let progress: Progress
    let status: StatusLine
    let heartbeat: Heartbeat

    /// The status is told when something changes, and not more often.
    private static let statusPeriod: Duration = .seconds(1)

    func run() async throws {
        systemd.notify("READY=1\n\(await status.text)")
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await tellStatus() }
                group.addTask { await feedWatchdog() }
            }
        }
        systemd.notify("STOPPING=1\nSTATUS=finishing what is in work")
    }

    private func tellStatus() async {
        for await _ in progress.changes {
            systemd.notify(await status.text)
            try? await Task.sleep(for: Self.statusPeriod)
        }
    }

    /// It wakes up for this anyway, so it also tells what time alone has changed: the rate, and files that wait while
    /// nothing is taken.
    private func feedWatchdog() async {
        guard let period = systemd.watchdogPeriod else { return }
        repeat {
            if await heartbeat.isThere() { systemd.notify("WATCHDOG=1\n\(await status.text)") }
        } while (try? await Task.sleep(for: period)) != nil
    }
}
