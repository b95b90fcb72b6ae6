#!/usr/bin/env python3
"""Compares gradcam's raw maps of TorchScript files with those of captum, pytorch-grad-cam and torchcam, which explain
the same networks in Python. Run it in the environment that `script/bootstrap bench` makes:

    .build-python-bench/bin/python Benchmarks/compare_maps.py
"""

import argparse
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy
import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path += [str(ROOT / "tools"), str(ROOT / "Tests/EngineTests/Fixtures")]

import classifier_sources
import resnet18
from export_classifier import DEFAULT_CACHE
from peers import PEERS

LAYERS = {"resnet18": ["layer4", "layer2"], "efficientnet-lite0": ["head", "blocks.10"]}
# Of the largest value of the peer's map.
TOLERANCE = 1e-4
# The methods that every library defines alike. The others are shown.
MUST_AGREE = ["gradcam", "hirescam", "layercam"]
NOTES = """
The peers compute in float64: in float32 a ReLU whose input is as small as the rounding error may fall on either side,
and the gradient of one side is not that of the other.
"relative" is the largest difference over the peer's largest value. torchcam's maps have passed a ReLU, so ours pass
one before they are compared with it; EigenCAM's sign is free and is taken to be the peer's.
gradcam++ may differ: pytorch-grad-cam adds 1e-6 to a denominator (eq. 19 has none), which is more than the squared
gradients of these networks. torchcam's Grad-CAM++ scales its weights in another way and is left out.
"""


def networks():
    efficientnet, _ = classifier_sources.builtin("efficientnet-lite0", DEFAULT_CACHE)
    return {"resnet18": resnet18.seeded(), "efficientnet-lite0": efficientnet.eval()}


def our_map(gradcam, model, layer, method, target, folder):
    output = folder / "map.npy"
    output.unlink(missing_ok=True)
    command = [gradcam, "explain", "--tensor", folder / "x.npy", "--model", model, "--layer", layer]
    command += ["--method", method, "--target", str(target), "--save-heatmap", output]
    result = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if result.returncode != 0:
        sys.exit(f"compare_maps: {gradcam} failed: {result.stderr.strip()}")
    return torch.from_numpy(numpy.load(output)).squeeze()


def differences(ours, theirs, method, peer):
    if peer == "torchcam":
        ours = ours.relu()
    difference = (ours - theirs).abs().max()
    if method == "eigencam":
        difference = torch.minimum(difference, (ours + theirs).abs().max())
    return float(difference), float(difference / theirs.abs().max())


def main():
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gradcam", default=ROOT / ".build/release/gradcam", help="the command (%(default)s)")
    gradcam = parser.parse_args().gradcam
    if not Path(gradcam).exists():
        sys.exit(f"compare_maps: there is no {gradcam}: run 'swift build -c release', or name it with --gradcam")

    torch.manual_seed(0)
    x = torch.rand(1, 3, 224, 224)
    failed = 0
    print(f"{'model':20}{'layer':11}{'method':11}{'peer':18}{'absolute':>10}{'relative':>10}")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        numpy.save(folder / "x.npy", x.numpy())
        for name, network in networks().items():
            model = folder / f"{name}.torchscript"
            torch.jit.trace(network, x).save(str(model))
            target = int(network(x).argmax())
            network, exact = network.double(), x.double()
            for layer in LAYERS[name]:
                for method, peers in PEERS.items():
                    ours = our_map(gradcam, model, layer, method, target, folder)
                    for peer, explain in peers.items():
                        theirs = explain(network, layer, exact, target)
                        absolute, relative = differences(ours, theirs, method, peer)
                        agrees = relative <= TOLERANCE
                        failed += method in MUST_AGREE and not agrees
                        verdict = "" if agrees else "  differs"
                        print(f"{name:20}{layer:11}{method:11}{peer:18}{absolute:10.1e}{relative:10.1e}{verdict}")
    print(NOTES)
    if failed:
        sys.exit(f"compare_maps: {failed} maps of {', '.join(MUST_AGREE)} differ by more than {TOLERANCE:g}")


if __name__ == "__main__":
    main()
