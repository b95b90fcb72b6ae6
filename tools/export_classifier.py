#!/usr/bin/env python3
"""Turns an image classifier into TorchScript and a model card, the two files that gradcamd runs."""

import argparse
import difflib
import os
import sys
import warnings
from pathlib import Path

try:
    import torch
except ModuleNotFoundError:
    sys.exit("export_classifier: PyTorch is missing: apt-get install python3-torch, or pip install torch")

import classifier_sources
import photograph
import torchscript
from export_error import ExportError
from model_card import RESIZE_MODES

DEFAULT_CACHE = Path.home() / ".cache/gradcamd"

EXAMPLES = """examples:
  export_classifier.py --builtin efficientnet-lite0
  export_classifier.py --torchvision resnet50 --output /srv/models/resnet50.torchscript
  export_classifier.py --torchvision resnet18 --weights scratches.pth --labels scratches.txt
  export_classifier.py --timm mobilenetv3_small_100 --check cat.jpg
  export_classifier.py --module my_networks:make_classifier --checkpoint best.pt --labels labels.txt \\
      --input-size 320 --resize letterbox --mean 0.5 --std 0.5
"""


def parse_arguments():
    parser = argparse.ArgumentParser(
        usage="%(prog)s (--builtin | --torchvision | --timm | --module) NAME [options]",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    source = parser.add_argument_group("the classifier (one of)").add_mutually_exclusive_group(required=True)
    source.add_argument("--builtin", choices=["efficientnet-lite0"], help="a network that comes with gradcamd")
    source.add_argument("--torchvision", metavar="NAME", help="a classifier of torchvision.models, pretrained")
    source.add_argument("--timm", metavar="NAME", help="a classifier of timm, pretrained")
    source.add_argument(
        "--module", metavar="PACKAGE.MODULE:FACTORY", help="your own: a function that returns a torch.nn.Module"
    )
    weights = parser.add_argument_group("its weights")
    weights.add_argument(
        "--weights", "--checkpoint", metavar="FILE", help="a state dictionary, instead of the published weights"
    )
    weights.add_argument(
        "--cache", metavar="FOLDER", default=DEFAULT_CACHE, help="for downloads (%(default)s)"
    )
    card = parser.add_argument_group("how pictures are prepared (found out for torchvision and timm)")
    card.add_argument("--input-size", metavar="SIDE|WxH", type=size, help="of the network's input; usually 224")
    card.add_argument("--resize", choices=RESIZE_MODES, help="how a picture is fitted into it")
    card.add_argument("--crop-fraction", metavar="F", type=float, help="share of the shorter side that is kept")
    card.add_argument("--mean", metavar="M", type=float, nargs="+", help="one, or one per channel, of pixels 0...1")
    card.add_argument("--std", metavar="S", type=float, nargs="+", help="likewise")
    card.add_argument("--labels", metavar="FILE", help="the names of the classes, one per line")
    card.add_argument("--layer", metavar="PATH", help="target layer, as layer4; without it gradcamd chooses")
    result = parser.add_argument_group("the result")
    result.add_argument("--output", metavar="FILE.torchscript", type=Path, help="FILE.yaml is written beside it")
    result.add_argument("--script", action="store_true", help="compile the code instead of tracing one run of it")
    result.add_argument("--check", metavar="IMAGE", help="print what the PyTorch network sees in a picture")
    return parser.parse_args()


def size(text):
    sides = [int(side) for side in text.lower().split("x")]
    if not 1 <= len(sides) <= 2 or min(sides) < 1:
        raise ValueError
    return sides[0], sides[-1]


def load(arguments, labels):
    if arguments.builtin:
        if arguments.weights:
            raise ExportError("--builtin comes with its weights; for your own use --torchvision, --timm or --module")
        return classifier_sources.builtin(arguments.builtin, arguments.cache)
    if arguments.torchvision:
        return classifier_sources.torchvision(arguments.torchvision, arguments.weights, labels)
    if arguments.timm:
        return classifier_sources.timm(arguments.timm, arguments.weights, labels)
    return classifier_sources.module(arguments.module, arguments.weights)


def complete(card, arguments, network, labels):
    """What the command line and the network itself say, on top of what the source knew."""
    convolutions = [part for part in network.modules() if isinstance(part, torch.nn.Conv2d)]
    if convolutions:
        card.channels = convolutions[0].in_channels
    if card.channels not in (1, 3):
        raise ExportError(f"the network takes {card.channels} channels; gradcamd gives 3 (RGB) or 1 (grey)")
    if card.channels == 1 and not (arguments.mean and arguments.std):
        raise ExportError("a network for grey pictures needs --mean and --std")
    if arguments.input_size:
        card.width, card.height = arguments.input_size
    card.resize = arguments.resize or card.resize
    card.crop_fraction = arguments.crop_fraction or card.crop_fraction
    card.mean = arguments.mean or card.mean
    card.std = arguments.std or card.std
    card.labels = labels or card.labels
    card.name = arguments.output.stem if arguments.output else card.name
    card.target_layer = arguments.layer or card.target_layer
    if not 0 < card.crop_fraction <= 1:
        raise ExportError("--crop-fraction is above 0 and at most 1")
    if {len(card.mean), len(card.std)} - {1, card.channels}:
        raise ExportError("--mean and --std take one value, or one per channel")
    if min(card.std) <= 0:
        raise ExportError("--std is above 0: it divides")
    layers = dict(network.named_modules())
    if card.target_layer and card.target_layer not in layers:
        near = difflib.get_close_matches(card.target_layer, layers, n=3, cutoff=0.3)
        raise ExportError(f"the network has no layer {card.target_layer}; near it: {', '.join(near) or 'nothing'}")


def write(network, card, file, example, scripted):
    """Both files under other names first, so that a half-written one is never taken for a model.

    - Returns: the largest difference between the written network and the one in Python, on another input.
    """
    model = file.with_name(f".{file.name}.{os.getpid()}")
    text = file.with_name(f".{file.stem}.yaml.{os.getpid()}")
    try:
        converted = torchscript.convert(network, example, scripted)
        file.parent.mkdir(parents=True, exist_ok=True)
        classifier_sources.foreign(f"cannot write {file}", lambda: converted.save(str(model)))
        # The negative takes the other way at decisions on the picture, which tracing does not record.
        largest = torchscript.difference(network, model, -example)
        text.write_text(card.yaml(), encoding="utf-8")
        os.replace(text, file.with_suffix(".yaml"))
        os.replace(model, file)
    finally:
        model.unlink(missing_ok=True)
        text.unlink(missing_ok=True)
    return largest


def print_top5(network, card, image):
    with torch.no_grad():
        values = torchscript.scores(network(photograph.load(image, card)))[0]
    if values.min() < 0 or values.max() > 1:
        values = values.softmax(0) if len(values) > 1 else values.sigmoid()
    if len(values) == 1:
        values = torch.cat([1 - values, values])
    values, classes = values.topk(min(5, len(values)))
    names = [card.labels[index] if card.labels else f"class {index}" for index in classes.tolist()]
    print(f"{image}: " + ", ".join(f"{name} {value:.2f}" for name, value in zip(names, values.tolist())))


def export(arguments):
    labels = []
    if arguments.labels:
        labels = Path(arguments.labels).read_text(encoding="utf-8").strip("\n").splitlines()
    network, card = load(arguments, labels)
    network = network.float().eval()
    complete(card, arguments, network, labels)
    file = arguments.output or Path(card.name + ".torchscript")
    if file.suffix not in (".torchscript", ".pt"):
        raise ExportError(f"--output {file}: write {file.with_suffix('.torchscript')}; the card is put beside it")

    torch.manual_seed(0)
    example = torch.randn(1, card.channels, card.height, card.width)
    output = classifier_sources.foreign(
        f"the network does not take an input of {tuple(example.shape)}", lambda: network(example)
    )
    classes = torchscript.scores(output).shape[1]
    # A network with a single output has a negative class, too.
    if card.labels and len(card.labels) != max(classes, 2):
        raise ExportError(f"there are {len(card.labels)} labels for {max(classes, 2)} classes")

    largest = write(network, card, file, example, arguments.script)
    parameters = sum(parameter.numel() for parameter in network.parameters())
    print(f"{card.name}: {parameters / 1e6:.2f} M parameters, input {card.width}x{card.height}, {classes} outputs")
    print(f"checked on another input: differs from PyTorch {torch.__version__} by {largest:.1g} at most")
    print(f"wrote {file} ({file.stat().st_size / 1e6:.1f} MB) and {file.with_suffix('.yaml')}")
    if not card.labels:
        print("the card has no labels: classes go by number until you list their names there")
    if arguments.check:
        print_top5(network, card, arguments.check)


def main():
    # torch, torchvision and timm warn about their own future.
    warnings.simplefilter("ignore")
    arguments = parse_arguments()
    try:
        export(arguments)
    except ExportError as error:
        sys.exit(f"export_classifier: {error}")
    except OSError as error:
        sys.exit(f"export_classifier: {error.filename}: {error.strerror}")


if __name__ == "__main__":
    main()
