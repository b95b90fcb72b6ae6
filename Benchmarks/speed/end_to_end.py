# SPDX-License-Identifier: Apache-2.0
"""Images a second from files in the inbox to overlays and rows: gradcamd against the Python loops, on the same files.

    end_to_end.py NETWORK KIND [--count N] [--rounds N] [--scout N] [--scout-count N] [--boxes N]
                  [--rival-python FILE]...

All files are renamed into the inbox at once, from the same file system; the time ends with the last row. "From the
first claim on" leaves out that files settle. Every round has a tree and a log of its own; in each round everything is
measured once, in an order that changes. Models are loaded and warm before.

Scouting rounds with few files measure everything: each side with a process for each processor, and with one process of
as many threads. The full rounds have what counts, each in its better shape: gradcamd (also in bfloat16, where processor
and network can), the faster plain pass, the two fastest Python loops, and the fastest use of pytorch-grad-cam.
"""

import datetime
import json
import os
import random
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

import measuring
import networks
import plain_forward
from rival_process import Rival
from rivals import CLASSIFIERS, DETECTORS
from service import Service, drop, stage

PLAIN_SECONDS = 5
LAYOUTS = ([], ["--channels-last"])
OWN, POPULAR = "gradcamd", "pytorch-grad-cam"
#: So many of the other Python loops are measured in all rounds.
RIVALS = 2

#: What is measured: a name, processes and threads of each.
Way = tuple[str, int, int]


def settings_of(boxes: int | None) -> list[str]:
    return [] if boxes is None else [f"detections.explained={boxes}", f"detections.max_detections={boxes}"]


def title(options) -> str:
    boxes = "" if options.boxes is None else ", 1 box" if options.boxes == 1 else f", {options.boxes} boxes"
    return f"{options.network}, {options.kind}{boxes}"


def measure_service(options, files, precision: str, workers: int, threads: int) -> dict[str, float]:
    model = measuring.model(options.work, options.network)
    settings = [f"model.precision={precision}", *settings_of(options.boxes)]
    with Service(options.programs, model, options.work / "trees", workers, threads, settings) as service:
        staged = stage(files, service.top / "staged")
        processes = [service.process.pid, *service.workers()]
        before = [sum(measuring.processor_seconds(process)) for process in processes]
        start = time.time()
        drop(staged, service.inbox)
        service.wait_for(len(files))
        used = [sum(measuring.processor_seconds(process)) - old for process, old in zip(processes, before)]
        with service.reader() as log:
            claimed, finished = log.execute(
                "SELECT min(unixepoch(claimed_at) + substr(claimed_at, 20, 4)), "
                "max(unixepoch(finished_at) + substr(finished_at, 20, 4)) FROM arrival"
            ).fetchone()
            overlays = log.execute("SELECT count(overlay) FROM explanation").fetchone()[0]
            boxes = log.execute("SELECT count(*) FROM heat_map").fetchone()[0]
        written = len(list(service.outbox.rglob("*.jpg")))
        if not overlays == written == len(files):
            raise SystemExit(f"{overlays} rows name an overlay, there are {written}, of {len(files)} images")
        if options.boxes and boxes != options.boxes * len(files):
            print(f"note: {boxes / len(files):.1f} boxes an image were explained, not {options.boxes}", file=sys.stderr)
        return {
            "rate": len(files) / (finished - start),
            "settled": len(files) / (finished - claimed),
            "processor": sum(used) / len(files),
            "busy": sum(used) / (finished - claimed) / (os.cpu_count() or 1),
        }


def measure_rival(options, files, python: Path, name: str, extra: list[str], processes: int, threads: int):
    boxes = [] if options.boxes is None else ["--boxes", str(options.boxes)]
    with Rival(python, name, options.network, options.work, processes, threads, [*extra, *boxes]) as rival:
        staged = stage(files, rival.root / "staged")
        start = time.time()
        drop(staged, rival.inbox)
        rate = len(files) / (rival.wait_for(len(files)) - start)
        return {"rate": rate}


def measure_plain(options, _, way: str, processes: int, threads: int):
    rate, used = plain_forward.rate(way, options.work, options.network, processes, threads, PLAIN_SECONDS)
    return {"rate": rate, "processor": used}


def ways_of(options) -> dict[Way, Callable]:
    """Everything there is, in both shapes; each measures itself on the files that it is given."""
    network = networks.NETWORKS[options.network]
    cores = os.cpu_count() or 1
    calls = {OWN: (measure_service, "float32")}
    if network.is_fit_for_bfloat16 and measuring.can_compute_in_bfloat16():
        calls[f"{OWN}, bfloat16"] = (measure_service, "bfloat16")
    calls |= {f"plain: {way}": (measure_plain, way) for way in plain_forward.WAYS}
    for python in options.rival_python or [Path(sys.executable)]:
        for name in DETECTORS if network.is_detector else CLASSIFIERS:
            for layout in LAYOUTS:
                full = " ".join([name, *layout]) + f" ({python.parent.parent.name})"
                calls[full] = (measure_rival, python, name, layout)
    return {
        (name, processes, threads): lambda files, call=call, p=processes, t=threads: call[0](
            options, files, *call[1:], p, t
        )
        for name, call in calls.items()
        for processes, threads in dict.fromkeys([(cores, 1), (1, cores)])
    }


def measure(ways: dict[Way, Callable], files: list[Path], rounds: int, label: str) -> dict[Way, list[dict]]:
    """Everything once in each round, in an order that changes."""
    found = {way: [] for way in ways}
    for round in range(rounds):
        order = list(ways)
        random.Random(round).shuffle(order)
        for way in order:
            found[way].append(ways[way](files))
            rate = found[way][-1]["rate"]
            print(f"{label} {round + 1}: {way[0]}, {shape(way)}: {rate:.2f}", file=sys.stderr, flush=True)
    return found


def shape(way: Way) -> str:
    return f"{way[1]} x {way[2]}"


def values_of(results: list[dict], key: str = "rate") -> list[float]:
    return [result[key] for result in results]


def fastest_first(found: dict[Way, list[dict]]) -> list[Way]:
    """Every name in its better shape."""
    best = {}
    for way in sorted(found, key=lambda way: -measuring.median(values_of(found[way]))):
        best.setdefault(way[0], way)
    return list(best.values())


def contenders(scouted: dict[Way, list[dict]]) -> list[Way]:
    """gradcamd, the fastest plain pass, the fastest rivals and the fastest use of the one that most people take."""
    ways = fastest_first(scouted)
    own = [way for way in ways if way[0].startswith(OWN)]
    plain = [way for way in ways if way[0].startswith("plain: ")]
    rivals = [way for way in ways if way not in own + plain]
    popular = [way for way in rivals if way[0].startswith(POPULAR)]
    return list(dict.fromkeys([*own, *plain[:1], *rivals[:RIVALS], *popular[:1]]))


def main() -> None:
    parser = networks.arguments(__doc__, count=60)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scout", type=int, default=1, metavar="ROUNDS", help="with everything (%(default)s)")
    parser.add_argument("--scout-count", type=int, default=60, metavar="FILES", help="for that (%(default)s)")
    parser.add_argument("--rival-python", type=Path, action="append", help="an environment's interpreter; repeatable")
    parser.add_argument("--output", type=Path, help="a folder for what plot.py reads")
    options = parser.parse_args()
    files = measuring.photographs(options.work, options.kind, max(options.count, options.scout_count))
    machine = measuring.machine()
    ways = ways_of(options)
    scouted = measure(ways, files[: options.scout_count], options.scout, "scouting round")
    chosen = {way: ways[way] for way in contenders(scouted)}
    found = measure(chosen, files[: options.count], options.rounds, "round")
    if options.output:
        save(options, machine, found)
    report(options, machine, found, scouted)


def save(options, machine: str, found: dict[Way, list[dict]]) -> None:
    options.output.mkdir(parents=True, exist_ok=True)
    rates = {way[0]: values_of(results) for way, results in found.items()}
    result = {"title": title(options), "date": str(datetime.date.today()), "machine": machine, "rates": rates}
    (options.output / (re.sub(r"\W+", "-", title(options)) + ".json")).write_text(json.dumps(result, indent=1) + "\n")


def report(options, machine: str, found: dict[Way, list[dict]], scouted: dict[Way, list[dict]]) -> None:
    rates = {way: measuring.median(values_of(found[way])) for way in fastest_first(found)}
    own = sorted(way for way in rates if way[0].startswith(OWN))
    print(f"### {title(options)}: {options.count} files, {options.rounds} rounds; {machine}\n")
    rows = [
        [way[0], *(f"{rates[one] / rate:.2f}" for one in own), shape(way), measuring.spread(values_of(found[way]), 2)]
        for way, rate in rates.items()
    ]
    measuring.table(["", *(f"{way[0]} over it" for way in own), "processes x threads", "images a second"], rows)

    print("From the first claim on; processor time of all processes:\n")
    fastest = max(rate for way, rate in rates.items() if not way[0].startswith((OWN, "plain: ")))
    rows = []
    for way in own:
        settled, used, busy = (values_of(found[way], key) for key in ("settled", "processor", "busy"))
        over = f"{measuring.median(settled) / fastest:.2f}"
        used, busy = ([scale * value for value in values] for scale, values in ((1000, used), (100, busy)))
        rows.append([way[0], measuring.spread(settled, 2), over, measuring.spread(used, 0), measuring.spread(busy, 0)])
    measuring.table(
        ["", "images a second", "over the fastest Python loop", "processor ms of an image", "% of the machine"], rows
    )

    names = {way[0] for way in found}
    left = [way for way in fastest_first(scouted) if way[0] not in names]
    print(f"Only scouted, {options.scout_count} files, {options.scout} rounds:\n")
    rows = [[way[0], shape(way), measuring.spread(values_of(scouted[way]), 2)] for way in left]
    measuring.table(["", "processes x threads", "images a second"], rows)


if __name__ == "__main__":
    main()
