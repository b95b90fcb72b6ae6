import CLinux
import Glibc

/// What the kernel says about its clocks.
enum SystemClock {
    /// Whether somebody keeps the time of day right, as adjtimex(2) says it; systemd-timesyncd(8) leaves a file.
    ///
    /// - Returns: `nil` where that cannot be told, as in a unit with ProtectClock=.
    static var isSynchronized: Bool? {
        let answer = clinux_clock_is_synchronized()
        if answer == 1 || access("/run/systemd/timesync/synchronized", F_OK) == 0 { return true }
        return answer == 0 ? false : nil
    }

    /// Milliseconds since the machine was started; goes on while it sleeps, and nobody sets it.
    static var uptime: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
