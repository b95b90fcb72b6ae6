# SPDX-License-Identifier: Apache-2.0
"""Images a second from files in the inbox to overlays and rows: gradcamd against the Python loops, on the same files.

    end_to_end.py NETWORK KIND [--count N] [--rounds N] [--boxes N] [--rival-python FILE]...

All files are renamed into the inbox at once, from the same file system; the time ends with the last row. "Without
settling" begins with the first claim. Every round has a tree and a log of its own; in each round everything is measured
once, in an order that changes. Models are loaded and warm before. Each side is measured with a process for each
processor and with one process of as many threads; the better one counts.
"""

import datetime
import json
import os
import random
import re
import sys
import time
from pathlib import Path

import measuring
import networks
import plain_forward
from rival_process import Rival
from rivals import CLASSIFIERS, DETECTORS
from service import Service, drop, stage

PLAIN_SECONDS = 5
LAYOUTS = {"contiguous": [], "channels-last": ["--channels-last"]}


def settings_of(boxes: int | None) -> list[str]:
    return [] if boxes is None else [f"detections.explained={boxes}", f"detections.max_detections={boxes}"]


def measure_service(options, files, workers: int, threads: int) -> dict[str, float]:
    model = measuring.model(options.work, options.network)
    settings = settings_of(options.boxes)
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


def measure_plain(options, way: str, processes: int, threads: int):
    rate, used = plain_forward.rate(way, options.work, options.network, processes, threads, PLAIN_SECONDS)
    return {"rate": rate, "processor": used}


def main() -> None:
    parser = measuring.arguments(__doc__)
    parser.add_argument("network", choices=networks.NETWORKS)
    parser.add_argument("kind")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--boxes", type=int)
    parser.add_argument("--rival-python", type=Path, action="append", help="an environment's interpreter; repeatable")
    parser.add_argument("--rivals", nargs="+", help="only these")
    parser.add_argument("--shapes", nargs="+", metavar="PROCESSESxTHREADS", help="instead of both")
    parser.add_argument("--output", type=Path, help="a folder for what plot.py reads")
    parser.add_argument("--layouts", nargs="+", choices=LAYOUTS, default=list(LAYOUTS), help="of the rivals")
    options = parser.parse_args()
    files = measuring.photographs(options.work, options.kind, options.count)
    cores = os.cpu_count() or 1
    shapes = list(dict.fromkeys([(cores, 1), (1, cores)]))
    if options.shapes:
        shapes = [tuple(map(int, shape.split("x"))) for shape in options.shapes]
    names = options.rivals or (DETECTORS if networks.NETWORKS[options.network].is_detector else CLASSIFIERS)

    ways = {}
    for processes, threads in shapes:
        shape = f"{processes} x {threads}"
        ways["gradcamd", shape] = lambda p=processes, t=threads: measure_service(options, files, p, t)
        for way in plain_forward.WAYS:
            ways[f"plain: {way}", shape] = lambda w=way, p=processes, t=threads: measure_plain(options, w, p, t)
        for python in options.rival_python or [Path(sys.executable)]:
            for name in names:
                for extra in (LAYOUTS[layout] for layout in options.layouts):
                    title = " ".join([name, *extra]) + f" ({python.parent.parent.name})"
                    ways[title, shape] = lambda py=python, n=name, e=extra, p=processes, t=threads: measure_rival(
                        options, files, py, n, e, p, t
                    )
    found = {key: [] for key in ways}
    for round in range(options.rounds):
        order = list(ways)
        random.Random(round).shuffle(order)
        for key in order:
            found[key].append(ways[key]())
            print(f"round {round + 1}: {key[0]}, {key[1]}: {found[key][-1]['rate']:.2f}", file=sys.stderr, flush=True)
    report(options, found)


def report(options, found: dict) -> None:
    best = {}
    for (name, shape), values in found.items():
        rate = measuring.median([value["rate"] for value in values])
        if name not in best or rate > best[name][0]:
            best[name] = (rate, shape, values)
    own = best["gradcamd"]
    title = f"{options.network}, {options.kind}" + (f", {options.boxes} boxes" if options.boxes else "")
    if options.output:
        options.output.mkdir(parents=True, exist_ok=True)
        measured = {name: [value["rate"] for value in values] for name, (_, _, values) in best.items()}
        result = {"title": title, "date": str(datetime.date.today()), "machine": measuring.machine(), "rates": measured}
        (options.output / (re.sub(r"\W+", "-", title) + ".json")).write_text(json.dumps(result, indent=1) + "\n")
    print(f"### {title}: {options.count} files, {options.rounds} rounds; {measuring.machine()}\n")
    rows = []
    for name, (rate, shape, values) in sorted(best.items(), key=lambda item: -item[1][0]):
        rates = measuring.spread([value["rate"] for value in values], 2)
        rows.append([name, f"{own[0] / rate:.2f}", shape, rates])
    measuring.table(["", "gradcamd's rate over it", "processes x threads", "images a second"], rows)
    settled = measuring.spread([value["settled"] for value in own[2]], 2)
    used = measuring.spread([1000 * value["processor"] for value in own[2]], 0)
    busy = measuring.spread([100 * value["busy"] for value in own[2]], 0)
    print(
        f"gradcamd from the first claim on: {settled} images a second; processor time of an image: {used} ms, all "
        f"processes; {busy} % of the machine meanwhile\n"
    )


if __name__ == "__main__":
    main()
