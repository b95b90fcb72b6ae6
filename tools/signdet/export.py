#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes both detectors as TorchScript, with a `config.txt` inside as the tools that people use write it.

    tools/signdet/export.py signdet.pt FOLDER      # FOLDER/signdet.torchscript and FOLDER/signdet-anchors.torchscript
"""

import argparse
import json
import warnings
from pathlib import Path

import torch

import weights
from network import STRIDES, detectors
from signs import NAMES

SIZE = 320
DATE = "2026-11-25T00:00:00"


def labels():
    return {str(index): name for index, name in enumerate(NAMES)}


def ultralytics_configuration():
    """The keys of ultralytics 8.4."""
    return {
        "description": "gradcamd's road signs, anchor-free: drawn signs on photographs",
        "author": "gradcamd",
        "date": DATE,
        "version": "1.0.0",
        "license": "MIT",
        "docs": "tools/signdet/README.md",
        "stride": STRIDES[-1],
        "task": "detect",
        "batch": 1,
        "imgsz": [SIZE, SIZE],
        "names": labels(),
        "args": {"batch": 1, "quantize": None, "nms": False, "dynamic": False},
        "channels": 3,
    }


def yolov5_configuration():
    """PyPI's yolov5 says no more than this."""
    return {"shape": [1, 3, SIZE, SIZE], "stride": STRIDES[-1], "names": labels()}


def write(network, configuration, path):
    """Traces, saves, loads again, and compares with the network in Python on another input."""
    network.eval().requires_grad_(False)
    traced = torch.jit.trace(network, torch.rand(1, 3, SIZE, SIZE), check_trace=False)
    torch.jit.save(traced, str(path), _extra_files={"config.txt": json.dumps(configuration)})
    example = torch.rand(1, 3, SIZE, SIZE)
    expected, actual = only(network(example)), only(torch.jit.load(str(path))(example))
    torch.testing.assert_close(actual, expected, rtol=1e-4, atol=1e-3)
    difference = float((actual - expected).abs().max())
    print(f"{path}: {list(actual.shape)}, {path.stat().st_size / 1e6:.1f} MB, differs from Python by {difference:.1g}")


def only(output):
    return output[0] if isinstance(output, tuple) else output


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", help="what train.py wrote")
    parser.add_argument("folder", type=Path, help="where the two files are put")
    arguments = parser.parse_args()

    # Tracing warns of loops whose count never changes here.
    warnings.simplefilter("ignore")
    torch.manual_seed(0)
    anchor_free, anchored = detectors(len(NAMES))
    weights.load(arguments.weights, anchor_free, anchored)
    write(anchor_free, ultralytics_configuration(), arguments.folder / "signdet.torchscript")
    write(anchored, yolov5_configuration(), arguments.folder / "signdet-anchors.torchscript")


if __name__ == "__main__":
    main()
