#!/usr/bin/env python3
"""Saves a tiny traced network with the PyTorch that runs this, and its Grad-CAM by autograd on the eager one:

    make_saved.py FOLDER

The files in saved/ were made by PyTorch 2.15.0 from PyPI, newer than the libtorch that loads them in the tests.
"""

import sys
import zipfile
from pathlib import Path

import numpy
import torch
from networks import Small


def without_debug_records(whole, stripped):
    """They hold the paths of the machine that saved the file, and nothing reads them."""
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(stripped, "w") as target:
        for record in source.infolist():
            if not record.filename.endswith(".debug_pkl"):
                target.writestr(record.filename, source.read(record))
    whole.unlink()


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    network = Small(5).eval()
    x = torch.rand(1, 3, 40, 56)
    name = f"torch-{torch.__version__.split('+')[0]}"
    torch.jit.trace(network, x).save(str(folder / "whole.pt"))
    without_debug_records(folder / "whole.pt", folder / f"{name}.pt")

    activations = network.conv2(torch.relu(network.conv1(x))).detach().requires_grad_()
    logits = network.fc(torch.relu(activations).mean([2, 3]))
    best = int(logits.argmax())
    (gradient,) = torch.autograd.grad(logits[0, best], activations)
    grad_cam = (gradient.mean([2, 3], keepdim=True) * activations).sum(1).detach()
    numpy.save(folder / f"{name}.x.npy", x.numpy())
    numpy.save(folder / f"{name}.class.npy", numpy.array([best]))
    numpy.save(folder / f"{name}.gradcam.conv2.npy", grad_cam.numpy())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
