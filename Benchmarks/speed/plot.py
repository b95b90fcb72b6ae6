# SPDX-License-Identifier: Apache-2.0
"""Draws what end_to_end.py measured: images a second of everything, by those of the fastest Python loop.

    plot.py FOLDER OUTPUT.svg
"""

import argparse
import json
import re
from pathlib import Path

import matplotlib
import measuring

matplotlib.use("svg")
# Text stays text, and the file is the same for the same numbers.
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "gradcamd", "font.family": "sans-serif"})

import matplotlib.pyplot as pyplot  # noqa: E402

#: Title, colour, and which of the measured names it is the best of.
BARS = {
    "plain forward pass, nothing else": ("#c8c8c8", lambda name: name.startswith("plain: ")),
    "gradcamd": ("#d1495b", lambda name: name == "gradcamd"),
    "gradcamd, bfloat16": ("#edae49", lambda name: name == "gradcamd, bfloat16"),
    "fastest Python loop": ("#30638e", lambda name: not name.startswith(("plain: ", "gradcamd"))),
    "pytorch-grad-cam": ("#8fb8de", lambda name: name.startswith("pytorch-grad-cam")),
}


def best(rates: dict[str, list[float]], is_meant) -> float | None:
    return max((measuring.median(values) for name, values in rates.items() if is_meant(name)), default=None)


def in_order(case: dict) -> list:
    """By names, and by numbers where there are some: 4 boxes before 16."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", case["title"])]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("output", type=Path)
    arguments = parser.parse_args()
    cases = sorted((json.loads(file.read_text()) for file in arguments.folder.glob("*.json")), key=in_order)
    figure, axes = pyplot.subplots(figsize=(8, 0.9 + 1.05 * len(cases)))
    height = 1 / (len(BARS) + 1.5)
    named = set()
    for index, (title, (color, is_meant)) in enumerate(BARS.items()):
        for place, case in enumerate(cases):
            rate = best(case["rates"], is_meant)
            if rate is None:
                continue
            share = rate / best(case["rates"], BARS["fastest Python loop"][1])
            y = place + (index - (len(BARS) - 1) / 2) * height
            axes.barh(y, share, height, color=color, label=None if title in named else title)
            named.add(title)
            axes.text(share + 0.02, y, f"{share:.2f}  ({rate:.3g}/s)", va="center", fontsize=7)
    axes.set_yticks(range(len(cases)), [case["title"].replace(", ", "\n", 1) for case in cases], fontsize=8)
    axes.invert_yaxis()
    axes.axvline(1, color="#404040", linewidth=0.8)
    axes.set_xlabel("images a second, by those of the fastest Python loop", fontsize=8)
    axes.set_title(f"{cases[0]['date']}, {cases[0]['machine'].partition(';')[0]}", fontsize=8)
    axes.margins(x=0.18)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="upper center", ncols=3, fontsize=7, frameon=False)
    figure.tight_layout(rect=(0, 0, 1, 1 - 0.5 / figure.get_figheight()))
    figure.savefig(arguments.output, metadata={"Date": None})


if __name__ == "__main__":
    main()
