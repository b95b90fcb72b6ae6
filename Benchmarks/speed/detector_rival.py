# SPDX-License-Identifier: Apache-2.0
"""LayerCAM of a detector's boxes by hooks on the eager network: one forward pass, one backward pass for each box."""

import cv2
import numpy
import torch
from network import STRIDES
from rivals import normalized

CONFIDENCE, OVERLAP = 0.25, 0.7
FAR = 10_000


class Detections:
    def __init__(self, network, boxes: int):
        self.network, self.boxes = network, boxes
        self.logits: list[torch.Tensor] = []
        self.features: list[torch.Tensor] = []
        for neck, classes in zip(("neck8", "neck16", "neck32"), network.head.classes):
            network.get_submodule(f"pyramid.{neck}").register_forward_hook(self.keep(self.features))
            classes.register_forward_hook(self.keep(self.logits))

    @staticmethod
    def keep(values: list):
        return lambda _module, _input, output: values.append(output)

    def __call__(self, x):
        self.features.clear()
        self.logits.clear()
        output = self.network(x).detach()[0]
        starts = numpy.cumsum([0] + [part[0, 0].numel() for part in self.logits])
        found = []
        for row, label, score, box in suppressed(output, self.boxes):
            level = int(numpy.searchsorted(starts, row, side="right")) - 1
            logit = self.logits[level][0, label].flatten()[row - starts[level]]
            (gradient,) = torch.autograd.grad(logit, self.features[level], retain_graph=True)
            activation = self.features[level].detach()
            heat = (gradient.clamp(min=0) * activation).sum(1).clamp(min=0)[0]
            found.append((label, score, normalized(heat.numpy()), box))
        return found


def suppressed(output: torch.Tensor, most: int):
    """Row, class, score and x, y, width, height of the surest boxes."""
    scores, labels = output[4:].max(0)
    rows = torch.nonzero(scores > CONFIDENCE).flatten()
    if not len(rows):
        return []
    boxes = output[:4, rows].T.clone()
    boxes[:, :2] -= boxes[:, 2:] / 2
    boxes, scores, labels = boxes.numpy(), scores[rows].numpy(), labels[rows].numpy()
    # Each class in a place of its own, so that only boxes of a class overlap.
    apart = boxes + numpy.column_stack([labels * FAR, labels * FAR, labels * 0, labels * 0]).astype(numpy.float32)
    kept = numpy.asarray(cv2.dnn.NMSBoxes(apart, scores, CONFIDENCE, OVERLAP)).flatten()[:most]
    return [(int(rows[i]), int(labels[i]), float(scores[i]), boxes[i]) for i in kept]


assert STRIDES == (8, 16, 32)
