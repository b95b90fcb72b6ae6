"""Detectors of the packages ultralytics and yolov5 with random weights that find something.

An untrained detector answers with scores near zero. Here the batch norms are given the statistics of generated
pictures, and the last convolutions of the heads are rescaled so that on each of the three levels some rows are sure.
Every function is seeded. The packages (AGPL-3.0) are no part of gradcamd: install them in an environment of their own.
"""

import contextlib
import io
import logging
import os
import shutil
import tempfile
import warnings
from pathlib import Path

import torch
from torch import nn

# In four of five pictures at least this many rows of each level reach a class score of 0.25, and none of them 0.98.
SURE_ROWS = 10
SURE, SUREST = -1.1, 3.9  # their logits


def pictures(count, size, seed, channels=3):
    """Pictures of a kind: smooth backgrounds, shapes with edges, some noise; count x channels x size x size, 0..1."""
    generator = torch.Generator().manual_seed(seed)
    rows, columns = torch.meshgrid(torch.arange(size) / size, torch.arange(size) / size, indexing="ij")
    result = torch.empty(count, channels, size, size)
    for picture in result:
        coarse = torch.rand(1, channels, 5, 5, generator=generator)
        smooth = nn.functional.interpolate(coarse, size=(size, size), mode="bicubic", align_corners=True)
        picture.copy_(smooth[0])
        for _ in range(12):
            x, y, width, height = torch.rand(4, generator=generator) * torch.tensor([1, 1, 0.25, 0.25])
            colour = torch.rand(channels, 1, generator=generator)
            distance = ((columns - x).abs() / (width + 0.01), (rows - y).abs() / (height + 0.01))
            if torch.rand(1, generator=generator) < 0.5:
                inside = torch.maximum(*distance) < 1
            else:
                inside = distance[0] ** 2 + distance[1] ** 2 < 1
            picture[:, inside] = 0.8 * colour + 0.2 * picture[:, inside]
        picture += 0.02 * torch.randn(picture.shape, generator=generator)
    return result.clamp(0, 1)


def ultralytics_network(yaml, size=320, seed=0):
    """`yaml`: a name that ultralytics knows, such as yolov8n.yaml. Returns its YOLO object."""
    from ultralytics import YOLO

    torch.manual_seed(seed)
    with quiet():
        yolo = YOLO(yaml, verbose=False)
    network = yolo.model
    settle_batch_norms(network, size, seed)
    head = network.model[-1]
    wanted = {}
    for boxes, classes in [("cv2", "cv3"), ("one2one_cv2", "one2one_cv3")]:
        for box, score in zip(getattr(head, boxes, None) or [], getattr(head, classes, None) or []):
            # Without a distribution over distances (reg_max 1) the output is the distance itself: keep it positive.
            wanted[box[-1]] = distances if head.reg_max == 1 else distributions
            wanted[score[-1]] = sure_somewhere
    rescale(network, wanted, size, seed)
    network.eval()
    return yolo


def yolov5_network(size=320, seed=0):
    """The anchor-based YOLOv5n of the package yolov5, not fused."""
    import yolov5

    yaml = Path(yolov5.__file__).parent / "models/yolov5n.yaml"
    with quiet():
        from yolov5.models.yolo import DetectionModel

        torch.manual_seed(seed)
        network = DetectionModel(str(yaml))
    network.names = {index: name for index, name in enumerate(network.names)}
    settle_batch_norms(network, size, seed)
    head = network.model[-1]

    def alive(z):
        boxes, objectness, classes = standardised(z).unflatten(0, (head.na, head.no)).split((4, 1, head.nc), 1)
        # Each anchor's objectness on its own: sure of some cells, whatever their class.
        objectness = torch.stack([sure_somewhere(anchor, 0, SUREST) for anchor in objectness])
        classes = between(classes, classes.amax(1).median(), classes.max(), 1, SUREST)
        return torch.cat([boxes, objectness, classes], 1).flatten(0, 1)

    rescale(network, dict.fromkeys(head.m, alive), size, seed)
    return network.eval()


# ---- one network made alive --------------------------------------------------------------------------------------

CALIBRATION = 12  # pictures


@torch.no_grad()
def settle_batch_norms(network, size, seed):
    generator = torch.Generator().manual_seed(seed + 1)
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.weight.copy_(1 + 0.2 * torch.randn(norm.weight.shape, generator=generator))
        norm.bias.copy_(0.2 * torch.randn(norm.bias.shape, generator=generator))
        norm.reset_running_stats()
        norm.momentum = None  # the plain average of what passes
    network.train()
    network(pictures(8, size, seed + 2))
    for norm in norms:
        norm.momentum = 0.03
    network.eval()


@torch.no_grad()
def rescale(network, wanted, size, seed):
    """`wanted`: functions by convolution. Scales and shifts each of a convolution's channels so that its values z
    (channels x cells) become about wanted(z), which must be linear in each channel."""
    values = {}
    hooks = [
        convolution.register_forward_hook(lambda module, inputs, output: values.update({module: output}))
        for convolution in wanted
    ]
    network.eval()
    network(pictures(CALIBRATION, size, seed + 3))
    for hook in hooks:
        hook.remove()
    for convolution, function in wanted.items():
        z = values[convolution].transpose(0, 1).flatten(1)
        target = function(z)
        scale = deviation_of(target) / deviation_of(z)
        shift = mean_of(target) - scale * mean_of(z)
        convolution.weight.mul_(scale.view(-1, 1, 1, 1))
        convolution.bias.copy_(convolution.bias * scale[:, 0] + shift[:, 0])


def distances(z):
    return standardised(z) + 4


def distributions(z):
    return standardised(z) * 2


def sure_somewhere(z, sure=SURE, surest=SUREST):
    """In most pictures a few cells have a channel above `sure`, and none above `surest`."""
    standard = standardised(z)
    best = standard.amax(0).unflatten(0, (CALIBRATION, -1))
    return between(standard, best.topk(SURE_ROWS).values[:, -1].quantile(0.2), best.max(), sure, surest)


def between(z, low, high, new_low, new_high):
    return (z - low) / (high - low) * (new_high - new_low) + new_low


def standardised(z):
    return (z - mean_of(z)) / deviation_of(z)


def mean_of(z):
    return z.mean(1, keepdim=True)


def deviation_of(z):
    return z.std(1, keepdim=True).clamp_min(1e-6)


# ---- files -------------------------------------------------------------------------------------------------------


def export_ultralytics(yolo, destination, **options):
    """By the package's own exporter. Returns the path."""
    destination = Path(destination).resolve()
    destination.parent.mkdir(parents=True, exist_ok=True)
    with quiet(), contextlib.chdir(destination.parent):
        written = Path(yolo.export(format="torchscript", **options)).resolve()
    if written != destination:
        shutil.move(written, destination)
    return destination


def export_yolov5(network, destination, size):
    """By the package's own exporter, as its command does: fused, not in place, one warm-up pass."""
    import copy

    with quiet():
        from yolov5 import export
        from yolov5.models.yolo import Detect

        fused = copy.deepcopy(network).fuse().eval()
        for module in fused.modules():
            if isinstance(module, Detect):
                module.inplace, module.dynamic, module.export = False, False, True
        x = torch.zeros(1, 3, size, size)
        for _ in range(2):
            fused(x)
        destination = Path(destination)
        export.export_torchscript(fused, x, destination.with_suffix(".pt"), False)
    return destination


@contextlib.contextmanager
def quiet():
    """These packages print a table for every network, and keep settings in the home folder."""
    os.environ.setdefault("YOLO_VERBOSE", "False")
    os.environ.setdefault("YOLO_CONFIG_DIR", tempfile.gettempdir())
    disabled = logging.root.manager.disable
    logging.disable(logging.WARNING)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            logging.disable(disabled)
