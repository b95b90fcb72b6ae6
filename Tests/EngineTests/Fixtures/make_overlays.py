#!/usr/bin/env python3
"""Computes with OpenCV's Python package what tensors and overlays of pictures/rgb.png must be.

Usage: make_overlays.py [FOLDER]     (needs numpy and opencv-python-headless; run make_pictures.py before)

Tensors are raw little-endian float32, channel by channel; overlays are raw 8 bit, RGB, row by row.
"""
import pathlib
import sys

import cv2
import numpy as np

here = pathlib.Path(__file__).parent
folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else here / "overlays")
folder.mkdir(parents=True, exist_ok=True)
bgr = cv2.imread(str(here / "pictures" / "rgb.png"))
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)


def tensor(name, bgr):
    values = (bgr[..., ::-1].astype(np.float32) / np.float32(255) - MEAN) / STD
    (folder / name).write_bytes(np.ascontiguousarray(values.transpose(2, 0, 1)).tobytes())


# 36 x 20 into 32 x 32 by a letterbox: 32 x 18, seven rows above and below.
letterbox = cv2.copyMakeBorder(cv2.resize(bgr, (32, 18), interpolation=cv2.INTER_LINEAR), 7, 7, 0, 0,
                               cv2.BORDER_CONSTANT, value=(114, 114, 114))
tensor("letterbox.f32", letterbox)
# Shorter side to 16, then the middle 14 x 14: 28 x 16, from column 7 and row 1.
tensor("crop.f32", cv2.resize(bgr, (28, 16), interpolation=cv2.INTER_AREA)[1:15, 7:21])
# Enlarged.
tensor("cubic.f32", cv2.resize(bgr, (48, 40), interpolation=cv2.INTER_CUBIC))
grey = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY).astype(np.float32)
((grey / np.float32(255) - np.float32(0.5)) / np.float32(0.25)).tofile(folder / "grey.f32")

# The map of the one-convolution network, normalised.
heat = np.array([[0, .05, .15, .2], [.2, .25, .35, .4], [.6, .65, .75, .8], [.8, .85, .95, 1]], np.float32)
resized = cv2.resize(heat, (bgr.shape[1], bgr.shape[0]))
colored = cv2.applyColorMap(np.uint8(255 * resized), cv2.COLORMAP_JET)


def overlay(name, values):
    # imencode rounds and saturates floating point as imwrite does.
    pixels = cv2.imdecode(cv2.imencode(".png", values)[1], cv2.IMREAD_COLOR)
    (folder / name).write_bytes(pixels[..., ::-1].tobytes())


overlay("parity.rgb", colored * 0.4 + bgr)
alpha = 0.6 * resized[..., None].astype(np.float64)
overlay("blend.rgb", (1 - alpha) * bgr + alpha * colored)
