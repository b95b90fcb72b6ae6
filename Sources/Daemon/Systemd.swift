import CSystemd

/// The notification socket of the service manager, sd_notify(3). Silent where there is none.
struct Systemd: Sendable {
    func notify(_ state: String) { _ = sd_notify(0, state) }

    /// A large model may load longer than TimeoutStartSec.
    func extendStartTimeout(by duration: Duration) {
        notify("EXTEND_TIMEOUT_USEC=\(Int(duration / .microseconds(1)))")
    }

    /// How often the watchdog wants to hear from us; `nil` where there is none.
    var watchdogPeriod: Duration? {
        var microseconds: UInt64 = 0
        guard sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
        return .microseconds(Int64(clamping: microseconds / 2))
    }
}
