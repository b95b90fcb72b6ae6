"""The kernel's queue of events overflows while the daemon is stopped: a scan finds what was dropped from it."""

import os
import signal
import time

from invariants import violations
from load import drop, ended
from pictures import picture
from service import Service

QUEUE = "/proc/sys/fs/inotify/max_queued_events"


def run(small: bool) -> list[str]:
    with Service(worker="fast", workers=2) as service:
        service.start()
        drop(service, dropped := {b"before.png": picture(0)})
        service.until_ended(1, lambda: ended(service))
        service.pause()
        if small:
            fill_queue(service)
        files = 50 if small else 20_000
        late = {b"%05d.png" % number: picture(number + 1) for number in range(files)}
        drop(service, late)
        dropped |= late
        resumed = time.monotonic()
        service.signal(signal.SIGCONT)
        service.until_ended(2, lambda: ended(service))
        first = time.monotonic() - resumed
        service.until_ended(len(dropped), lambda: ended(service))
        took = time.monotonic() - resumed
        # What an event after the overflow says is heard, too.
        drop(service, after := {b"after.png": picture(files + 1)})
        dropped |= after
        service.until_ended(len(dropped), lambda: ended(service))
        service.stop()
        found = violations(service, dropped)
        if "dropped events" not in service.messages():
            found.append("the queue did not overflow, or nothing was said of it")
        print(
            f"overflow: {files} files while stopped, the first logged {first:.1f} s after the daemon went on, "
            f"the last after {took:.0f} s; {len(found)} violations")
        return found


def fill_queue(service: Service) -> None:
    """Events of two names that are ignored, in turns, for the kernel merges what repeats the last one."""
    with open(QUEUE) as file:
        size = int(file.read())
    names = [service.inbox / ".one", service.inbox / ".other"]
    for name in names:
        name.touch()
    for number in range(size + 10):
        os.chmod(names[number % 2], 0o600)
