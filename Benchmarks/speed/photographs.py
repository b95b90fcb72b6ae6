# SPDX-License-Identifier: Apache-2.0
"""Distinct photographs of the sizes that people drop, made from the few that `fetch_photos.sh` fetches.

    photographs.py {500kB|12MP} COUNT FOLDER --from PHOTOGRAPHS

Each is a crop of one of them, mirrored at random, scaled, and given the grain of a sensor; the quality of the JPEG is
the one that comes nearest to the wanted number of bytes. All of it is seeded.
"""

import argparse
import dataclasses
from pathlib import Path

import cv2
import numpy


@dataclasses.dataclass(frozen=True)
class Kind:
    width: int
    height: int
    bytes: int
    #: Standard deviation of the sensor's noise, of 255: what makes large photographs large.
    grain: float


#: A picture for the web, and what a telephone writes.
KINDS = {"500kB": Kind(1600, 1200, 500_000, 2), "12MP": Kind(4000, 3000, 3_500_000, 4)}
#: Smaller ones would be all blur.
LEAST_SIDE = 1000
LEAST_SHARE = 0.6


def make(kind: str, count: int, folder: Path, sources: Path) -> list[Path]:
    """The files of one kind, made where they are not there yet."""
    files = [folder / f"{kind}-{index:04d}.jpg" for index in range(count)]
    missing = [(index, file) for index, file in enumerate(files) if not file.exists()]
    if missing:
        folder.mkdir(parents=True, exist_ok=True)
        pictures = [cv2.imread(str(file)) for file in sorted(sources.glob("*.jpg"))]
        pictures = [picture for picture in pictures if min(picture.shape[:2]) >= LEAST_SIDE]
        for index, file in missing:
            write(photograph(pictures, KINDS[kind], index), KINDS[kind].bytes, file)
    return files


def photograph(pictures: list[numpy.ndarray], kind: Kind, seed: int) -> numpy.ndarray:
    random = numpy.random.default_rng(seed)
    picture = pictures[seed % len(pictures)]
    height, width = picture.shape[:2]
    share = random.uniform(LEAST_SHARE, 1)
    shrink = share * min(width / kind.width, height / kind.height)
    cut_width, cut_height = int(kind.width * shrink), int(kind.height * shrink)
    left, top = int(random.integers(width - cut_width + 1)), int(random.integers(height - cut_height + 1))
    cut = picture[top : top + cut_height, left : left + cut_width]
    if random.integers(2):
        cut = cut[:, ::-1]
    scaled = cv2.resize(numpy.ascontiguousarray(cut), (kind.width, kind.height), interpolation=cv2.INTER_CUBIC)
    grain = numpy.zeros(scaled.shape, numpy.int16)
    cv2.setRNGSeed(seed + 1)
    cv2.randn(grain, 0, kind.grain)
    return cv2.add(scaled, grain, dtype=cv2.CV_8U)


def write(picture: numpy.ndarray, wanted: int, file: Path) -> None:
    """The bytes grow with the quality: halving finds it."""
    low, high = 40, 98
    while low < high:
        middle = (low + high) // 2
        if len(encoded(picture, middle)) < wanted:
            low = middle + 1
        else:
            high = middle
    temporary = file.with_suffix(".part")
    temporary.write_bytes(encoded(picture, low))
    temporary.replace(file)


def encoded(picture: numpy.ndarray, quality: int) -> bytes:
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("count", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--from", dest="sources", type=Path, required=True)
    arguments = parser.parse_args()
    make(arguments.kind, arguments.count, arguments.folder, arguments.sources)
