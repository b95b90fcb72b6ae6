# SPDX-License-Identifier: Apache-2.0
"""Time of an image while more and more files wait.

    growth.py MODEL [--waiting N ...] [--measured N] [--rounds N]

Tiny pictures and a tiny network, so that the daemon's own part shows. The files lie in the inbox before the service
starts; the time is that between the first and the last of the measured images' ends, after a few have ended.
Medians of rounds in turns.
"""

import shutil
import time
from pathlib import Path

import cv2
import measuring
import numpy
from service import Service

WARM_UP = 100
SIDE = 32


def tiny_network(original: Path, folder: Path) -> Path:
    """A copy of the network that sees 32 x 32 pixels."""
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / original.name
    shutil.copyfile(original, copy)
    copy.with_suffix(".yaml").write_text(f"input: {{width: {SIDE}, height: {SIDE}, channels: 3}}\n")
    return copy


def fill(inbox: Path, count: int) -> None:
    """Distinct pictures: the number in the pixels, under some noise."""
    noise = numpy.random.default_rng(0).integers(0, 64, (SIDE, SIDE, 3), numpy.uint8)
    for index in range(count):
        noise[0, :4, 0] = list(index.to_bytes(4, "big"))
        (inbox / f"{index:07d}.png").write_bytes(cv2.imencode(".png", noise, [cv2.IMWRITE_PNG_COMPRESSION, 0])[1].tobytes())


def measure(options, waiting: int) -> list[float]:
    """Milliseconds of an image, the daemon's of a processor, seconds until the first claim, megabytes."""
    model = tiny_network(options.model, options.work / "models/tiny")
    service = Service(options.programs, model, options.work / "trees", workers=1)
    service.inbox.mkdir(parents=True)
    fill(service.inbox, waiting)
    begun = time.time()
    with service:
        wanted = min(WARM_UP + options.measured, waiting)
        service.wait_for(wanted, seconds=1800)
        resident = measuring.resident_bytes(service.process.pid)
        used = sum(measuring.processor_seconds(service.process.pid))
        with service.reader() as log:
            ends = [
                end
                for (end,) in log.execute(
                    "SELECT unixepoch(finished_at) + substr(finished_at, 20, 4) FROM arrival WHERE state = 'done' "
                    "ORDER BY finished_at"
                )
            ]
            claimed = log.execute(
                "SELECT min(unixepoch(claimed_at) + substr(claimed_at, 20, 4)) FROM arrival"
            ).fetchone()[0]
    each = 1000 * (ends[wanted - 1] - ends[WARM_UP - 1]) / (wanted - WARM_UP)
    return [each, 1000 * used / len(ends), claimed - begun, resident / 1e6]


def main() -> None:
    parser = measuring.arguments(__doc__)
    parser.add_argument("model", type=Path, help="a small classifier, such as .build-fixtures/swish-scripted.pt")
    parser.add_argument("--waiting", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--measured", type=int, default=900)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print(f"### Files waiting; {measuring.machine()}\n")
    rounds = [[measure(options, waiting) for waiting in options.waiting] for _ in range(options.rounds)]
    first = measuring.median([round[0][0] for round in rounds])
    rows = []
    for waiting, results in zip(options.waiting, zip(*rounds)):
        *values, resident = map(list, zip(*results))
        over = f"{measuring.median(values[0]) / first:.2f}"
        rows.append([f"{waiting:,}", over, *(measuring.spread(one, 2) for one in values), f"{max(resident):.0f}"])
    head = ["waiting", "time over the first", "ms an image", "daemon's processor ms", "start to first claim, s", "daemon MB"]
    measuring.table(head, rows)


if __name__ == "__main__":
    main()
