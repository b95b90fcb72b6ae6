# SPDX-License-Identifier: Apache-2.0
"""Where the time of an image goes: the worker's stages by its own clock, the daemon's commit by its metrics, the processor
time of every thread of daemon and worker, and with perf(1) the libraries and functions it is spent in.

    stages.py NETWORK KIND [--count N] [--boxes N] [--perf]

One worker with one thread, which has explained a few images before.
"""

import json
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import measuring
import networks
from end_to_end import settings_of, title
from service import Service, drop, stage

WARM_UP = 3
STAGES = ("decode", "preprocess", "forward", "backward", "map", "blend", "encode", "sync")
LEAST_PERCENT = 1.0
MOST_LINES = 15


def thread_seconds(process: int) -> dict[str, float]:
    """Processor time by the threads' names; threads that ended are missing."""
    found: dict[str, float] = {}
    for thread in Path(f"/proc/{process}/task").iterdir():
        text = (thread / "stat").read_text()
        name, fields = text[text.index("(") + 1 : text.rindex(")")], text.rpartition(")")[2].split()
        found[name] = found.get(name, 0) + (int(fields[11]) + int(fields[12])) / measuring.TICK
    return found


class Recording:
    """perf record on a process."""

    def __init__(self, process: int, folder: Path):
        self.file = folder / f"perf.{process}"
        command = ["perf", "record", "-q", "-F", "499", "-e", "cpu-clock", "-p", str(process), "-o", str(self.file)]
        self.recorder = subprocess.Popen(command, stdin=subprocess.DEVNULL)

    def end(self) -> None:
        self.recorder.send_signal(2)
        self.recorder.wait()

    def shares(self, key: str) -> list[list[str]]:
        command = ["perf", "report", "--stdio", "-i", str(self.file), "--sort", key, "--percent-limit", str(LEAST_PERCENT)]
        text = subprocess.run(command, capture_output=True, text=True).stdout
        lines = re.findall(r"^\s+(\d+\.\d+)%\s+(.+?)\s*$", text, re.MULTILINE)
        return [[f"{share} %", "`" + re.sub(r"\s+", " ", name)[:100].replace("|", "\\|") + "`"] for share, name in lines[:MOST_LINES]]


def main() -> None:
    parser = networks.arguments(__doc__, count=60)
    parser.add_argument("--perf", action="store_true")
    options = parser.parse_args()
    if options.perf and not shutil.which("perf"):
        raise SystemExit("stages: perf is missing: apt-get install linux-perf")
    files = measuring.photographs(options.work, options.kind, options.count + WARM_UP)
    model = measuring.model(options.work, options.network)
    with (
        Service(options.programs, model, options.work / "trees", 1, 1, settings_of(options.boxes)) as service,
        tempfile.TemporaryDirectory() as temporary,
    ):
        staged = stage(files, service.top / "staged")
        drop(staged[:WARM_UP], service.inbox)
        service.wait_for(WARM_UP)
        processes = {"daemon": service.process.pid, "worker": service.workers()[0]}
        recordings = [Recording(process, Path(temporary)) for process in processes.values() if options.perf]
        time.sleep(1 if options.perf else 0)
        before = {name: (measuring.processor_seconds(pid), thread_seconds(pid)) for name, pid in processes.items()}
        drop(staged[WARM_UP:], service.inbox)
        service.wait_for(len(files))
        after = {name: (measuring.processor_seconds(pid), thread_seconds(pid)) for name, pid in processes.items()}
        for recording in recordings:
            recording.end()
        commit = commit_milliseconds(options, service)
        report_stages(options, worker_stages(options, model, files, Path(temporary)), commit)
        report_processor(options, before, after)
        for name, recording in zip(processes, recordings):
            print(f"{name}, by library and by function:\n")
            measuring.table(["share", "where"], recording.shares("dso"))
            measuring.table(["share", "where"], recording.shares("dso,sym"))


def worker_stages(options, model: Path, files: list[Path], folder: Path) -> list[float]:
    """Medians of what the worker itself says, by `gradcam explain`."""
    explain = [options.programs / "gradcam", "explain", *files, "--model", model, "--json", "--output", folder]
    if options.boxes:
        explain += ["--explained", str(options.boxes), "--max-detections", str(options.boxes)]
    lines = subprocess.run(list(map(str, explain)), check=True, capture_output=True, text=True).stdout.splitlines()
    found = [json.loads(line)["explanation"]["milliseconds"] for line in lines[WARM_UP:]]
    return [measuring.median([milliseconds[stage] for milliseconds in found]) for stage in STAGES]


def commit_milliseconds(options, service: Service) -> float:
    """The mean, of the service's metrics."""
    socket = service.command[service.command.index("--set") :]
    socket = next(setting.partition("=")[2] for setting in socket if setting.startswith("control.socket="))
    command = [options.programs / "gradcam", "metrics", "--socket", socket]
    text = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout
    sums = re.findall(r'^\w+_(sum|count)\{[^}]*stage="commit"[^}]*\} (\S+)', text, re.MULTILINE)
    values = {kind: float(value) for kind, value in sums}
    return 1000 * values["sum"] / values["count"]


def report_stages(options, stages: list[float], commit: float) -> None:
    print(f"### {title(options)}: {options.count} images; {measuring.machine()}\n")
    print("Stages by the wall clock, medians; of the commit, which is the daemon's, the mean:\n")
    values = [*zip(STAGES, stages), ("commit", commit)]
    total = sum(value for _, value in values)
    table = [[stage, f"{value:.2f}", f"{value / total:.0%}"] for stage, value in values]
    measuring.table(["stage", "ms", "share"], [*table, ["all", f"{total:.1f}", ""]])


def report_processor(options, before, after) -> None:
    rows = []
    for name in before:
        user, system = (1000 * (new - old) / options.count for old, new in zip(before[name][0], after[name][0]))
        rows.append([f"**{name}**", f"{user:.1f}", f"{system:.1f}", f"**{user + system:.1f}**"])
        old, new = before[name][1], after[name][1]
        used = {thread: 1000 * (value - old.get(thread, 0)) / options.count for thread, value in new.items()}
        for thread, value in sorted(used.items(), key=lambda item: -item[1]):
            if value >= 0.1:
                rows.append([f"thread `{thread}`", "", "", f"{value:.1f}"])
    print("Processor time of an image:\n")
    measuring.table(["", "user ms", "system ms", "both"], rows)


if __name__ == "__main__":
    main()
