import CSystemd
import Glibc

/// The notification socket of the service manager, sd_notify(3). Silent where there is none.
struct Systemd: Sendable {
    func notify(_ state: String) { _ = sd_notify(0, state) }

    /// Settings are being read again; `notify("READY=1")` must follow. From systemd 253 on the time must be with it.
    func notifyReloading() {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        notify("RELOADING=1\nMONOTONIC_USEC=\(Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)")
    }

    /// A large model may load longer than TimeoutStartSec. Asks for a little more time every few seconds, so that a
    /// service that hangs does not get it.
    ///
    /// - Parameter tell: hears each time for how long it has been loading.
    func extendingTimeout<Result>(
        tell: @escaping @Sendable (_ seconds: Int) -> Void, while body: () async throws -> Result
    ) async rethrows -> Result {
        let ticker = Task {
            let begin = ContinuousClock.now
            repeat {
                notify("EXTEND_TIMEOUT_USEC=\(Int(Self.moreTime / .microseconds(1)))")
                tell(Int((ContinuousClock.now - begin) / .seconds(1)))
            } while (try? await Task.sleep(for: Self.extensionPeriod)) != nil
        }
        defer { ticker.cancel() }
        return try await body()
    }

    private static let extensionPeriod: Duration = .seconds(5)
    private static let moreTime: Duration = .seconds(20)

    /// How often the watchdog wants to hear from us; `nil` where there is none.
    var watchdogPeriod: Duration? {
        var microseconds: UInt64 = 0
        guard sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
        return .microseconds(Int64(clamping: microseconds / 2))
    }
}
