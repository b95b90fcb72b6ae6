import Core
import ServiceLifecycle

/// Tells systemd that we are up, alive and going. Alive is that the watcher and the journal answer, not that a timer
/// fires; workers have deadlines of their own.
struct SystemdNotifier: Service {
    let systemd: Systemd
    let progress: Progress
    /// Returns as soon as everything that must be alive has answered.
    let ping: @Sendable () async -> Void

    func run() async throws {
        systemd.notify("READY=1\nSTATUS=\(progress.summary)")
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    for await _ in progress.changes { systemd.notify("STATUS=\(progress.summary)") }
                }
                group.addTask { await feedWatchdog() }
            }
        }
        systemd.notify("STOPPING=1\nSTATUS=finishing what is in work")
    }

    private func feedWatchdog() async {
        guard let period = systemd.watchdogPeriod else { return }
        repeat {
            await ping()
            systemd.notify("WATCHDOG=1")
        } while (try? await Task.sleep(for: period)) != nil
    }
}
