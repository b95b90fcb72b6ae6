# SPDX-License-Identifier: Apache-2.0
"""The two detectors of `tools/signdet` as `detector_methods.py` sees them: scores, targets, layers and gradients."""

import numpy
import torch
from torch.nn import functional

import train
import weights as stored
from evaluation import detections, stride_of_row
from network import detectors
from signs import NAMES

LAYERS = [f"{kind}{stride}" for kind in ("stage", "concat", "neck") for stride in (8, 16, 32)]


def tensor(image):
    """A picture, RGB 0 to 255, as the network's input."""
    return torch.from_numpy(numpy.ascontiguousarray(image)).permute(2, 0, 1)[None].float() / 255


class Explained:
    """A detector whose activations are kept."""

    def __init__(self, detector, anchors, size):
        self.detector = detector.eval().requires_grad_(False)
        self.anchors, self.size = anchors, size
        self.modules = {name: getattr(detector.pyramid, name) for name in LAYERS}
        if anchors == 1:
            for stride, branch in zip((8, 16, 32), detector.head.classes):
                self.modules[f"class{stride}"] = branch[2]
        self.kept = {}
        for name, module in self.modules.items():
            module.register_forward_hook(lambda _, __, output, name=name: self.kept.__setitem__(name, output))
        self.logits(torch.full((1, 3, size, size), 114 / 255))
        self.grey = {name: value[0].detach() for name, value in self.kept.items()}

    def logits(self, x):
        """[N, rows, columns] before the sigmoid."""
        features = self.detector.pyramid(x)
        if self.anchors == 1:
            return self.detector.head.raw(features)[0]
        levels = self.detector.head.raw(features)
        return torch.cat([level.flatten(1, 3) for level in levels], 1)

    def target(self, logits, row, label):
        """What is differentiated: the class logit; log objectness + log class probability where there are both."""
        if self.anchors == 1:
            return logits[:, row, label]
        return functional.logsigmoid(logits[:, row, 4]) + functional.logsigmoid(logits[:, row, 5 + label])

    def score(self, images, row, label):
        """The score that the detection is kept by, 0 to 1."""
        with torch.no_grad():
            target = self.target(self.logits(images), row, label)
        return target.sigmoid() if self.anchors == 1 else target.exp()

    def detect(self, image):
        with torch.no_grad():
            return detections(self.detector(tensor(image)), 0.4)

    def level(self, row):
        return stride_of_row(row, self.size, self.anchors)

    def explain(self, image):
        """A function from row and class to the activation and gradient of every layer."""
        logits = self.logits(tensor(image).requires_grad_(True))
        kept = dict(self.kept)

        def layers(row, label):
            target = self.target(logits, row, label)[0]
            gradients = torch.autograd.grad(target, list(kept.values()), retain_graph=True, allow_unused=True)
            return {
                name: (value[0].detach(), torch.zeros_like(value[0]) if gradient is None else gradient[0])
                for (name, value), gradient in zip(kept.items(), gradients)
            }

        return layers


def load(weights, kind, size):
    """The trained detector of a kind, "anchor-free" or "anchors"."""
    both = detectors(len(NAMES))
    stored.load(weights, *both)
    return Explained(both[kind == "anchors"], 3 if kind == "anchors" else 1, size)


def untrained(kind, painter, size, batches=30):
    """The same architecture with random weights; only its batch norms have seen pictures, so that scales are sane."""
    torch.manual_seed(0)
    detector = detectors(len(NAMES))[kind == "anchors"].train()
    norms = [module for module in detector.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = None  # The plain mean over all batches.
    with torch.no_grad():
        for _ in range(batches):
            detector(train.batch_of(painter, size, 8)[0])
    return Explained(detector, 3 if kind == "anchors" else 1, size)
