# SPDX-License-Identifier: Apache-2.0
"""The networks that are measured: TorchScript for gradcamd, and the same weights in eager PyTorch for the others.

    networks.py NAME FOLDER --photographs FOLDER     writes NAME.torchscript, NAME.yaml and NAME.weights.pt

    efficientnet-lite0   trained on ImageNet, 224 x 224
    resnet50             torchvision's, with seeded random weights: speed does not depend on them; 224 x 224
    detector             of the size of YOLOv8n, see detector.py; 640 x 640, 80 classes
"""

import argparse
import dataclasses
import importlib
import re
import subprocess
import sys
from pathlib import Path

import measuring
import torch

for folder in ("Benchmarks", "tools", "tools/signdet"):
    sys.path.append(str(measuring.ROOT / folder))


@dataclasses.dataclass(frozen=True)
class Preparation:
    """How a picture becomes the input; RGB, values 0 to 1 before `mean` and `std`."""

    side: int
    #: Of the shorter side, by the centre; `None`: the whole picture, letterboxed.
    crop: float | None
    mean: tuple[float, ...] = (0.485, 0.456, 0.406)
    std: tuple[float, ...] = (0.229, 0.224, 0.225)


@dataclasses.dataclass(frozen=True)
class Measured:
    preparation: Preparation
    #: The explained layer's path in the eager network; of a detector one a level.
    layers: tuple[str, ...]
    is_detector: bool = False
    #: Whether its scores in bfloat16 are near enough those in float32; a network of which they are not is refused at load.
    is_fit_for_bfloat16: bool = True


NETWORKS = {
    "efficientnet-lite0": Measured(Preparation(224, 0.875, (127 / 255,) * 3, (128 / 255,) * 3), ("head",)),
    "resnet50": Measured(Preparation(224, 0.875), ("layer4",)),
    "detector": Measured(
        Preparation(640, None, (0, 0, 0), (1, 1, 1)),
        ("pyramid.neck8", "pyramid.neck16", "pyramid.neck32"),
        is_detector=True,
        is_fit_for_bfloat16=False,  # Its weights are random: the scores are off by 0.3, a tenth is allowed.
    ),
}


def arguments(description: str, count: int) -> argparse.ArgumentParser:
    """Of a measurement of one network on photographs."""
    parser = measuring.arguments(description)
    parser.add_argument("network", choices=NETWORKS)
    parser.add_argument("kind", help="of photographs.py: 500kB or 12MP")
    parser.add_argument("--count", type=int, default=count, help="photographs (%(default)s)")
    parser.add_argument("--boxes", type=int, help="of a detector, explained in each")
    return parser


def architecture(name: str) -> torch.nn.Module:
    """The eager network with its own first weights."""
    if name == "efficientnet-lite0":
        from efficientnet_lite import EfficientNetLite0

        return EfficientNetLite0()
    if name == "resnet50":
        torchvision()
        from torchvision.models import resnet50

        return resnet50(weights=None)
    from detector import detector

    return detector()


def torchvision():
    """Also beside a PyTorch that its compiled part was not made for: only the networks in Python are needed."""
    while True:
        try:
            return importlib.import_module("torchvision")
        except RuntimeError as error:
            missing = re.search(r"operator torchvision::(\w+) does not exist", str(error))
            if not missing:
                raise
            # What is never called needs no more than a name.
            torch.library.define(f"torchvision::{missing[1]}", "(Tensor boxes, Tensor scores, float iou) -> Tensor")
            for module in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
                del sys.modules[module]


def eager(name: str, folder: Path) -> torch.nn.Module:
    """The network with the weights that lie beside its TorchScript."""
    network = architecture(name).eval()
    network.load_state_dict(torch.load(folder / f"{name}.weights.pt"))
    return network


def frozen(file: Path) -> torch.nn.Module:
    """The fastest plain forward pass of the file itself: batch norms folded, convolutions with channels last."""
    module = torch.jit.load(str(file)).eval()
    for parameter in module.parameters():
        if parameter.dim() == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return torch.jit.freeze(module)


def make(name: str, folder: Path, photographs: Path) -> None:
    torch.manual_seed(0)
    if name == "efficientnet-lite0":
        import classifier_sources

        network, _ = classifier_sources.builtin(name, folder / "cache")
    else:
        network = architecture(name)
    if name == "resnet50":
        settle(network)
    if name == "detector":
        import detector

        detector.make_sure_of_some(network, sorted(photographs.glob("*.jpg")))
    folder.mkdir(parents=True, exist_ok=True)
    weights, file = folder / f"{name}.weights.pt", folder / f"{name}.torchscript"
    torch.save(network.state_dict(), weights)
    if name == "detector":
        side = NETWORKS[name].preparation.side
        traced = torch.jit.trace(network.eval(), torch.zeros(1, 3, side, side), check_trace=False)
        labels = "\n".join(f'  - "class {index}"' for index in range(detector.CLASSES))
        file.with_suffix(".yaml").write_text(detector.CARD + f"labels:\n{labels}\n")
        traced.save(str(file))
        return
    exporter = [sys.executable, str(measuring.ROOT / "tools/export_classifier.py"), "--output", str(file)]
    if name == "efficientnet-lite0":
        exporter += ["--builtin", name, "--cache", str(folder / "cache")]
    else:
        labels = folder / "labels.txt"
        labels.write_text("".join(f"class {index}\n" for index in range(1000)))
        exporter += ["--torchvision", name, "--weights", str(weights), "--labels", str(labels)]
    subprocess.run(exporter, check=True, stdout=subprocess.DEVNULL)


@torch.no_grad()
def settle(network: torch.nn.Module) -> None:
    """Batch norms with the statistics of pictures, so that random weights give activations of a sane size."""
    import yolo_networks

    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None
    network.train()
    network((yolo_networks.pictures(16, 224, seed=0) - 0.45) / 0.225)
    network.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=NETWORKS)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photographs", type=Path, required=True)
    arguments = parser.parse_args()
    make(arguments.name, arguments.folder, arguments.photographs)


if __name__ == "__main__":
    main()
