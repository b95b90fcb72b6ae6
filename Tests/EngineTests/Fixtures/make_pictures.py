#!/usr/bin/env python3
"""Makes the small pictures that the decoder is tested with, and what they must decode to.

Usage: make_pictures.py [FOLDER]     (needs numpy, Pillow, tifffile and opencv-python-headless)

Everything is computed here: a smooth, lopsided pattern, so that no two orientations look the same. Each picture
NAME has its upright pixels beside it in NAME.rgb (8 bit, RGB, row by row): of lossless formats the pattern itself,
of lossy ones what Pillow decodes. `pictures.json` says what the headers must say.
"""
import io
import json
import pathlib
import sys

import cv2
import numpy as np
import tifffile
from PIL import Image, ImageOps

WIDTH, HEIGHT = 36, 20
ORIENTATION = 274

folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "pictures")
folder.mkdir(parents=True, exist_ok=True)
index = {}


def pattern():
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float64)
    red = 255 * x / (WIDTH - 1)
    green = 255 * y / (HEIGHT - 1)
    blue = 127 + 120 * np.cos(x / 9) * np.sin(y / 7)
    return np.stack([red, green, blue], axis=-1) / 255


def upright(stored, orientation):
    """Row 0 and column 0 of `stored` lie in the scene as EXIF tag 274 says."""
    turned = stored.transpose(1, 0, 2) if orientation >= 5 else stored
    if orientation in (2, 3, 6, 7):
        turned = turned[:, ::-1]
    if orientation in (3, 4, 7, 8):
        turned = turned[::-1]
    return np.ascontiguousarray(turned)


def add(name, data, pixels, *, channels, depth=8, orientation=1, tolerance=0):
    (folder / name).write_bytes(data)
    (folder / f"{name}.rgb").write_bytes(upright(pixels, orientation).tobytes())
    index[name] = {
        "width": pixels.shape[1], "height": pixels.shape[0], "channels": channels, "bit_depth": depth,
        "orientation": orientation, "tolerance": tolerance,
    }


def saved(image, form, **options):
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def decoded(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def tiff(array, **options):
    stream = io.BytesIO()
    tifffile.imwrite(stream, array, metadata=None, software=False, **options)
    return stream.getvalue()


def cv2_png(array):
    return cv2.imencode(".png", array)[1].tobytes()


def exif(orientation):
    tags = Image.Exif()
    tags[ORIENTATION] = orientation
    return tags


def grey_as_rgb(grey):
    return np.repeat(grey[..., None], 3, axis=-1)


def nearest_8_bit(values):
    return np.round(values.astype(np.float64) / 257).astype(np.uint8)


def top_down_bmp(rgb):
    """The height is negative: the first row is the upper one."""
    row = (WIDTH * 3 + 3) // 4 * 4
    pixels = b"".join(line[:, ::-1].tobytes().ljust(row, b"\0") for line in rgb)
    header = b"BM" + (54 + len(pixels)).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little")
    info = (40).to_bytes(4, "little") + WIDTH.to_bytes(4, "little") + (-HEIGHT).to_bytes(4, "little", signed=True)
    info += (1).to_bytes(2, "little") + (24).to_bytes(2, "little") + bytes(4) + len(pixels).to_bytes(4, "little")
    return header + info.ljust(40, b"\0") + pixels


exact = pattern()
rgb = np.round(exact * 255).astype(np.uint8)
rgb16 = np.round(exact * 65535).astype(np.uint16)
grey = rgb[..., 2].copy()
grey16 = rgb16[..., 2].copy()
alpha = rgb[..., 1].copy()
rgba = np.dstack([rgb, alpha])
picture = Image.fromarray(rgb)

# PNG
add("rgb.png", saved(picture, "PNG"), rgb, channels=3)
add("grey.png", saved(Image.fromarray(grey), "PNG"), grey_as_rgb(grey), channels=1)
add("grey16.png", saved(Image.fromarray(grey16), "PNG"), grey_as_rgb(nearest_8_bit(grey16)), channels=1, depth=16)
add("rgb16.png", cv2_png(rgb16[..., ::-1]), nearest_8_bit(rgb16), channels=3, depth=16)
add("rgba.png", saved(Image.fromarray(rgba), "PNG"), rgb, channels=4)
add("grey-alpha.png", saved(Image.fromarray(np.dstack([grey, alpha])), "PNG"), grey_as_rgb(grey), channels=2)
bilevel = Image.fromarray(grey).point(lambda value: 255 * (value > 127)).convert("1")
add("bilevel.png", saved(bilevel, "PNG"), np.asarray(bilevel.convert("RGB")), channels=1, depth=1)
palette = picture.quantize(64)
colors = np.asarray(palette.convert("RGB"))
add("palette.png", saved(palette, "PNG"), colors, channels=1)
add("palette-transparent.png", saved(palette, "PNG", transparency=3), colors, channels=1)
for orientation in (6, 7):
    add(f"orientation-{orientation}.png", saved(picture, "PNG", exif=exif(orientation)), rgb, channels=3,
        orientation=orientation)

# JPEG: decoders may round differently by one or two steps.
for name, options in [("baseline", {}), ("progressive", {"progressive": True}),
                      ("restarts", {"restart_marker_blocks": 1})]:
    data = saved(picture, "JPEG", quality=90, **options)
    add(f"{name}.jpg", data, decoded(data), channels=3, tolerance=2)
data = saved(Image.fromarray(grey), "JPEG", quality=90)
add("grey.jpg", data, decoded(data), channels=1, tolerance=2)
data = saved(picture.convert("CMYK"), "JPEG", quality=95)
add("cmyk.jpg", data, decoded(data), channels=4, tolerance=3)
for orientation in range(1, 9):
    data = saved(picture, "JPEG", quality=90, exif=exif(orientation))
    add(f"orientation-{orientation}.jpg", data, decoded(data), channels=3, orientation=orientation, tolerance=2)
    transposed = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB"))
    assert np.array_equal(transposed, upright(decoded(data), orientation)), "Pillow and this script must agree"

# WebP
data = saved(picture, "WEBP", quality=90)
add("lossy.webp", data, decoded(data), channels=3, tolerance=2)
add("lossless.webp", saved(picture, "WEBP", lossless=True), rgb, channels=4)
add("alpha.webp", saved(Image.fromarray(rgba), "WEBP", lossless=True, exact=True), rgb, channels=4)
add("orientation-8.webp", saved(picture, "WEBP", lossless=True, exif=exif(8)), rgb, channels=4, orientation=8)

# TIFF
photometric = {"photometric": "rgb"}
for orientation in range(1, 9):
    tag = [(ORIENTATION, 3, 1, orientation, True)]
    add(f"orientation-{orientation}.tif", tiff(rgb, rowsperstrip=6, extratags=tag, **photometric), rgb, channels=3,
        orientation=orientation)
add("orientation-6-16bit.tif", tiff(rgb16, extratags=[(ORIENTATION, 3, 1, 6, True)], **photometric),
    nearest_8_bit(rgb16), channels=3, depth=16, orientation=6)
# OpenCV 4.6 does not read tiles of 16 x 16.
add("tiled.tif", tiff(rgb, tile=(32, 32), compression="zlib", **photometric), rgb, channels=3)
add("bilevel.tif", saved(bilevel, "TIFF", compression="group4"), np.asarray(bilevel.convert("RGB")), channels=1,
    depth=1)
add("white-is-zero.tif", tiff(255 - grey, photometric="miniswhite"), grey_as_rgb(grey), channels=1)
add("planar.tif", tiff(rgb.transpose(2, 0, 1), planarconfig="separate", **photometric), rgb, channels=3)
add("big-endian.tif", tiff(rgb, byteorder=">", compression="zlib", **photometric), rgb, channels=3)
add("grey16.tif", tiff(grey16, photometric="minisblack"), grey_as_rgb(nearest_8_bit(grey16)), channels=1, depth=16)
add("rgba.tif", tiff(rgba, extrasamples=["unassalpha"], **photometric), rgb, channels=4)
add("lzw.tif", saved(picture, "TIFF", compression="tiff_lzw"), rgb, channels=3)
cmyk = picture.convert("CMYK")
add("cmyk.tif", saved(cmyk, "TIFF"), np.asarray(cmyk.convert("RGB")), channels=4, tolerance=3)

# BMP
add("rgb.bmp", saved(picture, "BMP"), rgb, channels=3)
add("grey.bmp", saved(Image.fromarray(grey), "BMP"), grey_as_rgb(grey), channels=1)
add("rgba.bmp", saved(Image.fromarray(rgba), "BMP"), rgb, channels=4)
add("top-down.bmp", top_down_bmp(rgb), rgb, channels=3)

# Pictures of kinds that are refused.
(folder / "refused").mkdir(exist_ok=True)
refused = {
    "animated.webp": saved(picture, "WEBP", save_all=True, append_images=[picture.rotate(180)]),
    "float.tif": tiff(exact.astype(np.float32), **photometric),
    "white-is-zero-16bit.tif": tiff(grey16, photometric="miniswhite"),
    "planar-16bit.tif": tiff(rgb16.transpose(2, 0, 1), planarconfig="separate", **photometric),
    "big.tif": tiff(rgb, bigtiff=True, **photometric),
    "picture.gif": saved(palette, "GIF"),
    "picture.avif": saved(picture, "AVIF"),
    "picture.jp2": saved(picture, "JPEG2000"),
}
for name, data in refused.items():
    (folder / "refused" / name).write_bytes(data)

(folder / "pictures.json").write_text(json.dumps(index, indent=1, sort_keys=True) + "\n")
