# SPDX-License-Identifier: Apache-2.0
"""What all measurements share: where things lie, medians, tables, and the processor time of processes."""

import argparse
import os
import re
import statistics
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / ".build-bench"
TICK = os.sysconf("SC_CLK_TCK")
#: Looking takes time of the processors that are measured. When an image ended, its row says.
POLL_SECONDS = 0.2


def arguments(description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=Path, default=ROOT / ".build/release", help="their folder (%(default)s)")
    parser.add_argument("--work", type=Path, default=WORK, help="models, photographs, trees (%(default)s)")
    return parser


def model(work: Path, name: str) -> Path:
    return work / f"models/{name}.torchscript"


def photographs(work: Path, kind: str, count: int) -> list[Path]:
    files = sorted((work / "photographs").glob(f"{kind}-*.jpg"))[:count]
    if len(files) < count:
        raise SystemExit(f"there are {len(files)} photographs of {kind}, not {count}: photographs.py makes them")
    return files


def environment(threads: int) -> dict[str, str]:
    """For a process with so many threads. `torch.set_num_threads` alone leaves two of Debian's oneDNN where one is wanted:
    they halve the rate of two such processes."""
    return {**os.environ, "OMP_NUM_THREADS": str(threads)}


def median(values: list[float]) -> float:
    return statistics.median(values)


def percentile(values: list[float], share: float) -> float:
    """The nearest rank."""
    ordered = sorted(values)
    return ordered[min(round(share * (len(ordered) - 1)), len(ordered) - 1)]


def spread(values: list[float], digits: int = 1) -> str:
    """The median, and the smallest and the largest in brackets."""
    return f"{median(values):.{digits}f} ({min(values):.{digits}f} … {max(values):.{digits}f})"


def table(head: list[str], rows: list[list]) -> None:
    print("| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    print(flush=True)


def processor_seconds(process: int) -> tuple[float, float]:
    """User and system time of all threads, proc(5)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) / TICK, int(fields[12]) / TICK


def resident_bytes(process: int) -> int:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise ValueError(f"process {process} has no memory")


def wakeups(processes: list[int], seconds: float) -> list[float]:
    """How often threads of each process gave the processor up and got it back, a second. Threads come and go: every
    second each one's count is read, and what one did in its last second is lost."""
    counts = [switches(process) for process in processes]
    totals = [0] * len(processes)
    begun = time.monotonic()
    while (elapsed := time.monotonic() - begun) < seconds:
        time.sleep(1)
        for index, process in enumerate(processes):
            new = switches(process)
            totals[index] += sum(count - counts[index].get(thread, 0) for thread, count in new.items())
            counts[index] = new
    return [total / elapsed for total in totals]


def switches(process: int) -> dict[str, int]:
    """Voluntary context switches of each thread, proc(5)."""
    found = {}
    for status in Path(f"/proc/{process}/task").glob("*/status"):
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        found[status.parent.name] = int(lines["voluntary_ctxt_switches"])
    return found


def can_compute_in_bfloat16() -> bool:
    flags = re.search(r"^flags\s*:(.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return flags is not None and not {"avx512_bf16", "amx_bf16"}.isdisjoint(flags[1].split())


def machine() -> str:
    names = [line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line]
    load = os.getloadavg()[0]
    return f"{len(names)} processors, {names[0]}; load at the start {load:.1f}"
