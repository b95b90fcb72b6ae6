"""Pictures with a road sign at a known place, for the detectors of tools/signdet, which come as TorchScript with them."""

import json
import subprocess
import sys
from pathlib import Path

import numpy
from PIL import Image

SIGNDET = Path(__file__).resolve().parents[3] / "tools/signdet"
sys.path.insert(0, str(SIGNDET))

import signs

# Width and height; class; left, top and side of the sign. All in pixels.
PICTURES = {
    "portrait.png": ((300, 800), [(signs.STOP, 180, 610, 70)]),
    "landscape.png": ((900, 280), [(signs.PRIORITY, 40, 150, 80)]),
    "large.jpg": ((6000, 4000), [(signs.PARKING, 4100, 700, 1500)]),
    "twins.png": ((320, 320), [(signs.STOP, 30, 40, 70), (signs.STOP, 210, 200, 70)]),
    "small-and-large.png": ((320, 320), [(signs.NO_ENTRY, 20, 20, 30), (signs.WARNING, 90, 90, 210)]),
    "empty.png": ((320, 240), []),
}


def make(folder):
    subprocess.run(
        [sys.executable, SIGNDET / "export.py", SIGNDET / "signdet.pt", folder.path],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    templates = signs.templates()
    for name, (size, placed) in PICTURES.items():
        picture = ground(*size)
        boxes = []
        for index, left, top, side in placed:
            sign = Image.fromarray(templates[index][0]).resize((side, side), Image.LANCZOS)
            picture.paste(sign, (left, top), sign)
            drawn = sign.getchannel("A").point(lambda alpha: 255 * (alpha > 127)).getbbox()
            boxes.append([left + drawn[0], top + drawn[1], left + drawn[2], top + drawn[3]])
        picture.save(folder.path / name, quality=92)
        truth = {"boxes": boxes, "classes": [signs.NAMES[index] for index, *_ in placed]}
        (folder.path / f"{name}.json").write_text(json.dumps(truth))
    Image.new("RGB", (1000, 1), (90, 120, 60)).save(folder.path / "row.png")


def ground(width, height):
    """Sky over a field: nothing that looks like a sign."""
    height_of_sky = height * 2 // 3
    rows = numpy.linspace(0, 1, height)[:, None]
    sky = numpy.array([150, 180, 215]) + rows * [40, 30, 10]
    field = numpy.array([95, 120, 70]) - rows * [20, 20, 20]
    colours = numpy.where(numpy.arange(height)[:, None] < height_of_sky, sky, field)
    return Image.fromarray(numpy.repeat(colours[:, None, :], width, 1).astype(numpy.uint8))
