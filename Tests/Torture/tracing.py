"""strace(1) as the tool that ends a daemon, or lets its calls fail, at an exact system call.

strace counts calls for each thread. All that happens to an image happens on the thread "journal", which exists before
the first worker is ready: attached to it while the worker keeps everybody waiting, strace sees each of its calls.
"""

import os
import re
import signal
import subprocess
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from service import PATIENCE_SECONDS, Service, ServiceProblem

#: Every call that changes what is on a disk, and those that make it last.
CHANGING = [
    "rename", "renameat", "renameat2", "mkdir", "mkdirat", "unlink", "unlinkat", "rmdir", "write", "pwrite64", "writev",
    "fsync", "fdatasync", "sync_file_range", "truncate", "ftruncate", "fallocate", "link", "linkat", "symlinkat",
    "chmod", "fchmod", "fchmodat", "utimensat", "copy_file_range", "setxattr",
]  # fmt: skip
#: After so many violations a sweep ends: that there is a fault is known by then.
ENOUGH = int(os.environ.get("GRADCAM_TORTURE_ENOUGH", "30"))
#: Keeps everybody waiting until strace is attached.
READY_SECONDS = {"FAST_WORKER_READY_SECONDS": "0.3"}


@dataclass(frozen=True)
class Point:
    """The moment before the n-th such call of a thread, from 1."""

    call: str
    number: int

    def __str__(self) -> str:
        return f"{self.call} {self.number}"

    @property
    def killing(self) -> list[str]:
        return ["-e", f"inject={self.call}:signal=SIGKILL:when={self.number}"]

    def failing(self, error: str, lasts: bool) -> list[str]:
        """This call fails; where it lasts, all later ones do, too."""
        return ["-e", f"inject={self.call}:error={error}:when={self.number}{'+' if lasts else ''}"]


class Attached:
    """strace on one thread of a daemon."""

    def __init__(self, service: Service, arguments: list[str], output: Path, thread: str = "journal"):
        task = self._thread(service, thread)
        self.process = subprocess.Popen(
            ["strace", "-qq", "-o", str(output), *arguments, "-p", str(task)], stderr=subprocess.PIPE)  # fmt: skip
        status = Path(f"/proc/{service.pid}/task/{task}/status")
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self._is_without_tracer(status):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise ServiceProblem(f"strace could not attach: {self.process.communicate()[1]!r}")
            time.sleep(0.001)

    def _is_without_tracer(self, status: Path) -> bool:
        try:
            return "TracerPid:\t0\n" in status.read_text()
        except (FileNotFoundError, ProcessLookupError):
            # The thread has ended, perhaps by what strace did to it: only where it came too late does strace say 1.
            return self.process.wait(PATIENCE_SECONDS) != 0

    @staticmethod
    def _thread(service: Service, name: str) -> int:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while service.is_running and time.monotonic() < deadline:
            if tasks := service.threads(name):
                return tasks[0]
            time.sleep(0.001)
        raise ServiceProblem(f"there is no thread {name}{service.last_words()}")

    def detach(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.wait()

    def wait(self) -> None:
        """For the end of what it traces."""
        self.process.communicate()


def start_attached(service: Service, arguments: list[str], output: Path) -> Attached:
    """Starts the daemon with strace on its journal's thread, before the first of that thread's calls."""
    service.start(wait=False, environment=READY_SECONDS)
    return Attached(service, arguments, output)


def start_traced(service: Service, arguments: list[str], output: Path, wait: bool) -> None:
    """Starts the daemon with strace on all of its threads from the first call on, and not on its workers."""
    service.start(wait=wait, prefix=["strace", "-D", "-f", "-qq", "-b", "execve", "-o", str(output), *arguments])


def points(trace: Path, calls: list[str] = CHANGING) -> list[Point]:
    """The calls of a trace that did something, in their order; of several threads each number once."""
    counts: Counter[tuple[str, str]] = Counter()
    found: dict[Point, None] = {}
    for line in trace.read_text(errors="replace").splitlines():
        # With several threads a line begins with the thread.
        match = re.match(r"(?:(\d+) +)?(\w+)\(", line)
        if match and match[2] in calls:
            key = (match[1] or "", match[2])
            counts[key] += 1
            if " = -1 E" not in line:
                found[Point(match[2], counts[key])] = None
    return list(found)


def recording(calls: list[str] = CHANGING) -> list[str]:
    """Arguments that write these calls down."""
    # A question mark: not every architecture has every call.
    return ["-e", "trace=" + ",".join(f"?{call}" for call in calls)]


def evenly(items: list, count: int) -> list:
    """So many of them, from the first to the last."""
    if count >= len(items):
        return items
    return [items[index * (len(items) - 1) // max(1, count - 1)] for index in range(count)]


def has_strace() -> bool:
    return any(os.access(os.path.join(folder, "strace"), os.X_OK) for folder in os.get_exec_path())
