#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints what `detector_methods.py` measured as Markdown.

In each pair of numbers the first is the trained network's map, the second the untrained network's.
"""

import argparse
import json

import numpy

LEVELS = (8, 16, 32)
NETWORKS = ("trained", "untrained")
REFERENCE = "LayerCAM|head inputs"
CHOSEN = {
    "Grad-CAM": ["own class convolution", "own head input", "own stage"],
    "LayerCAM": ["own head input", "head inputs", "own concat", "concats", "concats + stages", "own stage", "stage8"],
    "HiResCAM": ["own head input", "head inputs", "own concat", "own concat + own stage", "own stage", "stage8"],
    "HiResCAM, mean's sign": ["own stage"],
    "HiResCAM over grey": ["own stage"],
    "Grad-CAM x R": ["own stage", "stage8"],
    "Grad-CAM x sqrt R": ["own stage"],
    "Grad-CAM x smooth R": ["own stage"],
    "Grad-CAM x (R > 0)": ["own stage"],
    "Grad-CAM x box bell": ["own stage"],
    "local weights x R": ["own stage"],
    "sqrt(Grad-CAM x LayerCAM)": ["own stage"],
    "smoothed gradient, 1 cell": ["own head input", "head inputs", "own concat", "own stage"],
    "smoothed gradient, 2 cells": ["own head input"],
    "smoothed positive gradient, 1 cell": ["own head input"],
    "R alone": ["own head input", "head inputs", "own concat", "own stage"],
    "R alone, smoothed, 1 cell": ["own head input"],
    "R alone, smoothed, 2 cells": ["own head input"],
    "random": ["-"],
    "bell of the box": ["-"],
}
# What is shown by level too.
CANDIDATES = [
    "LayerCAM|head inputs", "LayerCAM|own concat", "LayerCAM|concats + stages", "HiResCAM|own head input",
    "HiResCAM|own concat", "HiResCAM|own stage", "HiResCAM|stage8", "Grad-CAM x R|own stage",
    "smoothed gradient, 1 cell|own head input", "smoothed gradient, 2 cells|own head input",
    "smoothed gradient, 1 cell|own concat", "Grad-CAM|own head input", "R alone|own concat",
]  # fmt: skip


def mean(values, digits=2):
    values = [value for value in values if value is not None]
    return f"{numpy.mean(values):.{digits}f}" if values else "-"


def pair(entry, column, digits=2):
    return " / ".join(
        mean([row[column] for row in entry[name]], digits) for name in ("trained", "untrained") if entry[name]
    )


def table(head, rows):
    print("| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def location(result, keys):
    rows = []
    for key in keys:
        entry = result["location"][key]
        cells = [pair(entry, column) for column in (1, 2, 3, 4, 5)]
        rows.append(key.split("|") + cells + [mean(entry["same"]), mean(entry["same_near"])])
    head = ["method", "layers", "own hit", "class hit", "own energy", "others", "zero", "same", "same near"]
    table(head, rows)


def by_level(result, keys):
    rows = []
    for key in keys:
        cells = []
        for level in LEVELS:
            entry = {name: [row for row in result["location"][key][name] if row[0] == level] for name in NETWORKS}
            cells += [pair(entry, 1), pair(entry, 3)]
        rows.append(key.split("|") + cells)
    table(["method", "layers"] + [f"{level}: {what}" for level in LEVELS for what in ("hit", "energy")], rows)


def height(curve):
    """The mean score over the shares of pixels, each twice the one before."""
    curve = numpy.array(curve)
    return float(((curve[1:] + curve[:-1]) / 2).mean())


def differences(rows):
    return numpy.array([height(insertion) - height(deletion) for _, deletion, insertion in rows])


def faithfulness(result):
    rows = []
    curves = result["faithfulness"]
    reference = differences(curves[REFERENCE]["trained"])
    for key, entry in curves.items():
        cells = {"deletion": [], "insertion": [], "difference": []}
        for name in ("trained", "untrained"):
            if entry[name]:
                cells["deletion"].append(f"{numpy.mean([height(row[1]) for row in entry[name]]):.3f}")
                cells["insertion"].append(f"{numpy.mean([height(row[2]) for row in entry[name]]):.3f}")
                cells["difference"].append(f"{differences(entry[name]).mean():+.3f}")
        gain = differences(entry["trained"])
        levels = numpy.array([row[0] for row in entry["trained"]])
        own = [f"{gain[levels == level].mean():+.2f}" for level in LEVELS]
        count = min(len(gain), len(reference))
        better = gain[:count] - reference[:count]
        against = f"{better.mean():+.3f} ± {better.std(ddof=1) / count**0.5:.3f}"
        cells = [" / ".join(values) for values in cells.values()]
        rows.append((gain.mean(), key.split("|") + cells + [", ".join(own), against]))
    head = ["method", "layers", "deletion", "insertion", "ins - del", "by stride 8, 16, 32"]
    head.append(f"against {REFERENCE.replace('|', ', ')}")
    table(head, [row for _, row in sorted(rows, key=lambda row: -row[0])])


def twins(result, keys):
    rows = []
    for key in keys:
        entry = result["twins"].get(key, [])
        shares = [share for _, share in entry if share is not None]
        if shares:
            worst = f"{numpy.quantile(shares, 0.05):.2f}"
            own = [mean([share for at, share in entry if at == level]) for level in LEVELS]
            above = f"{numpy.mean(numpy.array(shares) >= 0.9):.2f}"
            rows.append(key.split("|") + [mean(shares), worst, above] + own)
    table(["method", "layers", "own share", "5 % below", "share >= 0.9"] + [f"stride {at}" for at in LEVELS], rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", help="what detector_methods.py wrote")
    parser.add_argument("--all", action="store_true", help="every method on every set of layers")
    arguments = parser.parse_args()
    for path in arguments.files:
        with open(path) as file:
            result = json.load(file)
        keys = list(result["location"])
        if not arguments.all:
            chosen = [f"{method}|{layers}" for method, sets in CHOSEN.items() for layers in sets]
            keys = [key for key in chosen if key in keys]
        candidates = keys if arguments.all else CANDIDATES
        print(f"### {result['network']}\n")
        print(f"{result['detections']} detections, by stride {result['levels']}; chance {result['chance']:.3f}\n")
        location(result, keys)
        by_level(result, candidates)
        count = {level: sum(row[0] == level for row in result["twins"][REFERENCE]) for level in LEVELS}
        print(f"Two identical signs, detections by stride {count}:\n")
        twins(result, candidates)
        if "faithfulness" in result:
            print(f"Insertion and deletion, {len(result['faithfulness'][REFERENCE]['trained'])} detections:\n")
            faithfulness(result)


if __name__ == "__main__":
    main()
