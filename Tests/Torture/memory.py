"""A full inbox: memory stays flat and the first result comes soon, for the folder itself is the queue."""

import os
import time
from pathlib import Path

from load import ended
from pictures import photograph
from service import Service

LIMIT_MEGABYTES = 100
FIRST_RESULT_SECONDS = 5
RESULTS = 500


def run(small: bool) -> list[str]:
    files = 20_000 if small else 200_000
    with Service(worker="fast", workers=2) as service:
        fill(service.inbox, files)
        service.start()
        ready = time.monotonic()
        empty = resident_megabytes(service.pid)
        service.until_ended(1, lambda: ended(service))
        first = time.monotonic() - ready
        service.until_ended(RESULTS, lambda: ended(service))
        took = time.monotonic() - ready
        largest = resident_megabytes(service.pid)
        service.kill()
        print(
            f"memory: {files} files in the inbox, at most {largest:.0f} MB resident ({empty:.0f} when ready), "
            f"the first result after {first:.1f} s, {RESULTS} after {took:.0f} s")
        found = []
        if largest >= LIMIT_MEGABYTES:
            found.append(f"{largest:.0f} MB were resident")
        if first > FIRST_RESULT_SECONDS:
            found.append(f"the first result came after {first:.1f} s")
        return found


def fill(inbox: Path, count: int) -> None:
    folder = os.fsencode(inbox)
    for number in range(count):
        with open(os.path.join(folder, b"%06d.jpg" % number), "wb", buffering=0) as file:
            file.write(photograph(number))


def resident_megabytes(pid: int) -> float:
    """The most that a process ever had in memory."""
    with open(f"/proc/{pid}/status") as file:
        line = next(line for line in file if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / 1e6
