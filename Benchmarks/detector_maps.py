# SPDX-License-Identifier: Apache-2.0
"""The maps that `detector_methods.py` compares: of one layer first, then of several layers in one.

A layer's map is a function of its activation A and its gradient g, both channels x height x width.
"""

import cv2
import numpy
import torch

LEVELS = (8, 16, 32)


def gaussian(height, width, centre, sigma):
    """A bell on a grid; `centre` (x, y) and `sigma` (x, y) in cells."""
    x, y = torch.arange(width) + 0.5, torch.arange(height) + 0.5
    bell_x = torch.exp(-((x - centre[0]) ** 2) / (2 * sigma[0] ** 2))
    bell_y = torch.exp(-((y - centre[1]) ** 2) / (2 * sigma[1] ** 2))
    return bell_y[:, None] * bell_x[None, :]


def smoothed(x, sigma):
    """Channels x height x width, blurred by a Gaussian of `sigma` cells."""
    return torch.from_numpy(
        numpy.stack([cv2.GaussianBlur(channel, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT) for channel in x.numpy()])
    )


def receptive_field(gradient):
    """How much each cell moves the row's score at all: the sum of |g| over the channels."""
    return gradient.abs().sum(0)


def layer_maps(activation, gradient, grey, box, size):
    """Every method's map of one layer, on the layer's grid, after ReLU.

    - Parameter grey: the activation of a picture that is grey all over. - Parameter box: the detection's, in pixels.
    """
    channels, height, width = activation.shape
    mean = gradient.mean((1, 2))[:, None, None]
    field = receptive_field(gradient)
    evidence = (mean * activation).sum(0).relu()
    layercam = (gradient.relu() * activation).sum(0).relu()
    local = (gradient * field).sum((1, 2)) / field.sum().clamp(min=1e-30)
    local_evidence = (local[:, None, None] * activation).sum(0).relu()
    agreeing = torch.where(gradient * mean > 0, gradient, torch.zeros(()))
    scale = torch.tensor([width, height]) / size
    centre, half = (box[:2] + box[2:]) / 2 * scale, (box[2:] - box[:2]) / 2 * scale
    blurred_field = smoothed(field[None], 1.5)[0]
    return {
        "Grad-CAM": evidence,
        "HiResCAM": (gradient * activation).sum(0).relu(),
        "LayerCAM": layercam,
        "HiResCAM over grey": (gradient * (activation - grey)).sum(0).relu(),
        "LayerCAM over grey": (gradient.relu() * (activation - grey)).sum(0).relu(),
        "HiResCAM, mean's sign": (agreeing * activation).sum(0).relu(),
        "Grad-CAM x R": evidence * field,
        "Grad-CAM x sqrt R": evidence * field.sqrt(),
        "Grad-CAM x smooth R": evidence * blurred_field,
        "Grad-CAM x (R > 0)": evidence * (field > 0),
        "Grad-CAM x box bell": evidence * gaussian(height, width, centre, half.clamp(min=0.5)),
        "local weights": local_evidence,
        "local weights x R": local_evidence * field,
        "local weights x sqrt R": local_evidence * field.sqrt(),
        "smoothed gradient, 1 cell": (smoothed(gradient, 1) * activation).sum(0).relu(),
        "smoothed gradient, 2 cells": (smoothed(gradient, 2) * activation).sum(0).relu(),
        "smoothed positive gradient, 1 cell": (smoothed(gradient.relu(), 1) * activation).sum(0).relu(),
        "sqrt(Grad-CAM x LayerCAM)": (evidence * layercam).sqrt(),
        "R alone": field,
        "R alone, smoothed, 1 cell": smoothed(field[None], 1)[0],
        "R alone, smoothed, 2 cells": smoothed(field[None], 2)[0],
    }


METHODS = list(layer_maps(*[torch.ones(1, 2, 2)] * 3, torch.tensor([0.0, 0, 1, 1]), 2))


def enlarged(cells, size):
    """A layer's map divided by its maximum, on the pixels of the input. A map of zeros stays one."""
    cells = cells.numpy()
    highest = cells.max()
    if not highest > 0 or not numpy.isfinite(highest):
        return numpy.zeros((size, size), numpy.float32)
    return cv2.resize(cells / highest, (size, size), interpolation=cv2.INTER_LINEAR)


def layer_sets(names, level):
    """Named groups of layers, whose maps are fused by their maximum, for a detection of the level with that stride."""
    heads, concats, stages = ([f"{kind}{stride}" for stride in LEVELS] for kind in ("neck", "concat", "stage"))
    sets = {
        "own head input": [f"neck{level}"],
        "head inputs": heads,
        "own concat": [f"concat{level}"],
        "concats": concats,
        "own concat + own stage": [f"concat{level}", f"stage{level}"],
        "concats + stages": concats + stages,
        "own stage": [f"stage{level}"],
        "stages": stages,
        "stage8": ["stage8"],
        "stage16": ["stage16"],
        "stage32": ["stage32"],
        "own head input + own stage": [f"neck{level}", f"stage{level}"],
    }
    if f"class{level}" in names:
        sets["own class convolution"] = [f"class{level}"]
    return sets


def fused(maps):
    result = maps[0]
    for other in maps[1:]:
        result = numpy.maximum(result, other)
    return result


def control_maps(box, size, random):
    """Maps that look at no network: noise as smooth as a map, and a bell in the box."""
    noise = random.random((size // 16, size // 16)).astype(numpy.float32)
    bell = gaussian(size, size, (box[:2] + box[2:]) / 2, ((box[2:] - box[:2]) / 4).clamp(min=1)).numpy()
    return {
        ("random", "-"): cv2.resize(noise, (size, size), interpolation=cv2.INTER_CUBIC).clip(0),
        ("bell of the box", "-"): bell.astype(numpy.float32),
    }
