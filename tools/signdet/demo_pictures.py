#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Draws road signs onto photographs, for the demonstration of the detector.

    tools/signdet/demo_pictures.py PHOTOGRAPHS FOLDER

FOLDER gets a JPEG for each of the first six photographs, and signs.tsv: the name of each picture and the labels of its
signs, sorted and joined by commas. Every run draws the same.
"""

import random
import sys
from pathlib import Path

from PIL import Image

import signs

PICTURES = 6
SEED = 7
# Of the photograph's shorter side: for each level of the detector's pyramid a size.
SIZES = [0.11, 0.24, 0.5]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__.split("\n\n")[1].strip())
    photographs, folder = Path(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    randomness = random.Random(SEED)
    templates = signs.templates()
    lines = []
    for file in sorted(path for path in photographs.iterdir() if path.suffix in (".jpg", ".png"))[:PICTURES]:
        picture = Image.open(file).convert("RGB")
        labels = paint(picture, templates, randomness)
        picture.save(folder / f"{file.stem}-signs.jpg", quality=92)
        lines.append(f"{file.stem}-signs.jpg\t{','.join(sorted(labels))}\n")
    (folder / "signs.tsv").write_text("".join(lines))


def paint(picture, templates, randomness):
    """One sign of each size, where no other one is. - Returns: their labels."""
    labels, taken = [], []
    for share in reversed(SIZES):
        side = round(share * min(picture.size))
        index = randomness.randrange(len(templates))
        sign = Image.fromarray(randomness.choice(templates[index])).resize((side, side), Image.LANCZOS)
        for _ in range(100):
            left, top = (randomness.randrange(length - side) for length in picture.size)
            if not any(meet((left, top, side), other) for other in taken):
                picture.paste(sign, (left, top), sign)
                taken.append((left, top, side))
                labels.append(signs.NAMES[index])
                break
    return labels


def meet(one, other):
    """Whether two squares (left, top, side) have a pixel in common."""
    return all(one[axis] < other[axis] + other[2] and other[axis] < one[axis] + one[2] for axis in (0, 1))


if __name__ == "__main__":
    main()
