#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares bfloat16 with float32 on photographs: what it saves, and what it changes of labels, boxes and maps.

    compare_precision.py NETWORK [--count N] [--kind KIND]     signdet: photographs with road signs drawn on them

Two workers with one thread each, float32 and bfloat16, explain every photograph in turns. Maps are compared as people
see them: without negative values and divided by the maximum. A box is the same where the class is and they overlap by
half (intersection over union).
"""

import random
import sys
import tempfile
from pathlib import Path

import numpy

ROOT = Path(__file__).resolve().parents[1]
sys.path += [str(ROOT / "Benchmarks/speed"), str(ROOT / "tools/signdet")]

import demo_pictures
import measuring
import signs
from PIL import Image
from worker import Worker

PRECISIONS = ("float32", "bfloat16")
BOXES = 16
WARM_UP = 2
OVERLAP = 0.5


class Side:
    """One of the precisions."""

    def __init__(self, program: Path, model: Path, precision: str, folder: Path):
        self.maps = [str(folder / f"{precision}.{index}.npy") for index in range(BOXES)]
        self.worker = Worker(program, model, precision)

    def processor_milliseconds(self) -> float:
        tasks = Path(f"/proc/{self.worker.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e6

    def explain(self, file: Path) -> dict:
        before = self.processor_milliseconds()
        explanation = self.worker.explain(file, detections={"explained": BOXES}, heat_maps=self.maps)
        explanation["processor"] = self.processor_milliseconds() - before
        for prediction, map in zip(explanation["predictions"], explanation["heat_maps"]):
            prediction["map"] = numpy.load(map).squeeze()
        return explanation


def with_signs(files: list[Path], folder: Path) -> list[Path]:
    randomness, templates = random.Random(demo_pictures.SEED), signs.templates()
    drawn = []
    for file in files:
        picture = Image.open(file).convert("RGB")
        demo_pictures.paint(picture, templates, randomness)
        drawn.append(folder / file.name)
        picture.save(drawn[-1], quality=92)
    return drawn


def normalised(map: numpy.ndarray) -> numpy.ndarray:
    heat = map.clip(min=0)
    return heat / heat.max() if heat.max() > 0 else heat


def overlap(one: dict, other: dict) -> float:
    left, top = max(one["left"], other["left"]), max(one["top"], other["top"])
    right, bottom = min(one["right"], other["right"]), min(one["bottom"], other["bottom"])
    common = max(right - left, 0) * max(bottom - top, 0)
    areas = [(box["right"] - box["left"]) * (box["bottom"] - box["top"]) for box in (one, other)]
    return common / (sum(areas) - common) if common > 0 else 0


def pairs(exact: list[dict], fast: list[dict]) -> list[tuple[dict, dict]]:
    """What both found."""
    found, left = [], list(fast)
    for one in exact:
        same = [other for other in left if other["class_index"] == one["class_index"]]
        if "object" in one:
            same = [other for other in same if overlap(one["object"]["box"], other["object"]["box"]) >= OVERLAP]
            same.sort(key=lambda other: -overlap(one["object"]["box"], other["object"]["box"]))
        if same:
            found.append((one, same[0]))
            left = [other for other in left if other is not same[0]]
    return found


def main() -> None:
    parser = measuring.arguments(__doc__)
    parser.add_argument("network")
    parser.add_argument("--kind", default="500kB")
    parser.add_argument("--count", type=int, default=60)
    options = parser.parse_args()
    files = measuring.photographs(options.work, options.kind, options.count)
    model = measuring.model(options.work, options.network)
    with tempfile.TemporaryDirectory() as folder:
        if options.network == "signdet":
            files = with_signs(files, Path(folder))
        sides = [Side(options.programs / "gradcam-worker", model, precision, Path(folder)) for precision in PRECISIONS]
        for file in files[:WARM_UP]:
            [side.explain(file) for side in sides]
        explanations = [tuple(side.explain(file) for side in sides) for file in files]
        for side in sides:
            side.worker.end()
    report(options.network, explanations)


def report(network: str, explanations: list[tuple[dict, dict]]) -> None:
    rows = []
    for name, value in {
        "forward, ms": lambda explanation: explanation["milliseconds"]["forward"],
        "processor of an image without overlay, ms": lambda explanation: explanation["processor"],
    }.items():
        exact, fast = (measuring.median([value(pair[index]) for pair in explanations]) for index in (0, 1))
        rows.append([name, f"{exact:.1f}", f"{fast:.1f}", f"{fast / exact:.2f}"])
    print(f"### {network}: {len(explanations)} photographs; {measuring.machine()}\n")
    measuring.table(["median", *PRECISIONS, "ratio"], rows)

    differences, moved, scores, found, lost, added = [], 0, [], 0, 0, 0
    for exact, fast in explanations:
        same = pairs(exact["predictions"], fast["predictions"])
        found += len(same)
        lost += len(exact["predictions"]) - len(same)
        added += len(fast["predictions"]) - len(same)
        for one, other in same:
            scores.append(abs(one["score"] - other["score"]))
            if "map" not in one or "map" not in other or one["map"].shape != other["map"].shape:
                continue
            maps = [normalised(prediction["map"]) for prediction in (one, other)]
            differences.append(float(abs(maps[0] - maps[1]).max()))
            moved += int(maps[0].argmax() != maps[1].argmax())
    print(f"{found} labels or boxes are the same; {lost} are in float32 alone, {added} in bfloat16 alone.")
    if differences:
        print(
            f"Of {len(differences)} maps: largest difference of a cell, in shares of the peak: median "
            f"{measuring.median(differences):.4f}, 95 % below {measuring.percentile(differences, 0.95):.4f}, largest "
            f"{max(differences):.4f}; the peak is in another cell in {moved}. Scores differ by "
            f"{measuring.median(scores):.4f} in the median, by {max(scores):.4f} at most.\n"
        )


if __name__ == "__main__":
    main()
