# SPDX-License-Identifier: Apache-2.0
"""The Python loop that people write: looks into a folder, explains what is there, writes overlays and rows.

    rival_loop.py RIVAL NETWORK --models FOLDER --root FOLDER --processes N --threads N [--boxes N] [--channels-last]

A file is taken by renaming it, so that several processes can share the folder. Says "ready" when every process has
loaded its model and is warm; ends when its input does.
"""

import argparse
import os
import select
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import cv2
import torch

import networks
import rivals
from pictures_in_python import Pictures, write

LOOK_SECONDS = 0.02
SCHEMA = """
    CREATE TABLE IF NOT EXISTS result (
        id INTEGER PRIMARY KEY, name TEXT, label INTEGER, score REAL, heat_mean REAL, boxes INTEGER, overlay TEXT,
        finished_at REAL);
"""


def open_log(root: Path) -> sqlite3.Connection:
    log = sqlite3.connect(root / "log.db", timeout=60, isolation_level=None)
    log.execute("PRAGMA journal_mode = WAL")
    log.executescript(SCHEMA)
    return log


class Loop:
    def __init__(self, arguments):
        torch.set_num_threads(arguments.threads)
        cv2.setNumThreads(arguments.threads)
        root = arguments.root
        self.inbox, self.work, self.outbox = root / "inbox", root / "work", root / "outbox"
        self.log = open_log(root)
        layout = torch.channels_last if arguments.channels_last else torch.contiguous_format
        network = networks.eager(arguments.network, arguments.models).to(memory_format=layout)
        measured = networks.NETWORKS[arguments.network]
        self.is_detector = measured.is_detector
        self.explainer = rivals.make(arguments.rival, arguments.network, network, arguments.boxes)
        self.pictures = Pictures(measured.preparation, layout)

    def warm_up(self) -> None:
        side = self.pictures.preparation.side
        for _ in range(3):
            self.explainer(torch.rand(1, 3, side, side).contiguous(memory_format=self.pictures.layout))

    def run(self, has_ended: threading.Event) -> None:
        while not has_ended.is_set():
            names = sorted(os.listdir(self.inbox))
            taken = sum(self.take(name) for name in names)
            if not taken:
                time.sleep(LOOK_SECONDS)

    def take(self, name: str) -> bool:
        file = self.work / name
        try:
            os.rename(self.inbox / name, file)
        except FileNotFoundError:
            return False
        self.explain(str(file), name)
        return True

    def explain(self, file: str, name: str) -> None:
        picture = cv2.imread(file)
        x = self.pictures.tensor(picture)
        if self.is_detector:
            found = self.explainer(x)
            overlay = self.pictures.overlay_of_boxes(picture, found)
            label, score, heat = found[0][:3] if found else (None, None, None)
        else:
            label, score, heat = self.explainer(x)
            found = [heat]
            overlay = self.pictures.overlay(picture, heat)
        path = str(self.outbox / f"{name}.cam.jpg")
        write(overlay, path)
        mean = None if heat is None else float(heat.mean())
        self.log.execute(
            "INSERT INTO result (name, label, score, heat_mean, boxes, overlay, finished_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (name, label, score, mean, len(found), path, time.time()),
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rival", choices=[*rivals.CLASSIFIERS, *rivals.DETECTORS])
    parser.add_argument("network", choices=networks.NETWORKS)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--boxes", type=int, default=16)
    parser.add_argument("--channels-last", action="store_true")
    arguments = parser.parse_args()
    for folder in ("inbox", "work", "outbox"):
        (arguments.root / folder).mkdir(parents=True, exist_ok=True)
    if arguments.processes > 1:
        # Before there are several: who finds another one changing the mode does not wait, but fails.
        open_log(arguments.root).close()
        return several(arguments.processes)
    loop = Loop(arguments)
    loop.warm_up()
    has_ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), has_ended.set()), daemon=True).start()
    print("ready", flush=True)
    loop.run(has_ended)


def several(count: int) -> None:
    """The same command `count` times, each for itself."""
    command = [sys.executable, "-W", "ignore", __file__, *sys.argv[1:], "--processes", "1"]
    children = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(count)]
    if all(child.stdout.readline() == "ready\n" for child in children):
        print("ready", flush=True)
        # One that fails takes its image along, so that the rest is of no use.
        while all(child.poll() is None for child in children) and not select.select([sys.stdin], [], [], 1)[0]:
            pass
    for child in children:
        child.stdin.close()
    statuses = [child.wait() for child in children]
    if any(statuses):
        sys.exit(f"rival_loop: the processes ended with {statuses}")


if __name__ == "__main__":
    main()
