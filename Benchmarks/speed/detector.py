# SPDX-License-Identifier: Apache-2.0
"""A detector of the size of YOLOv8n, out of the parts of `tools/signdet`: 3.0 M parameters and 8.4 GFLOP (2 x 4.2 G
multiply-adds) at 640 x 640, YOLOv8n has 3.2 M and 8.7. Weights are random; its last convolutions are set so that every
photograph has enough boxes.
"""

from pathlib import Path

import cv2
import numpy
import torch
from network import AnchorFreeHead, Convolution, Detector, Pyramid
from torch import nn

CLASSES = 80
WIDTHS = (16, 32, 64, 128, 256)
#: Of the head's branches for boxes and classes, as YOLOv8n has them.
BOX_WIDTH, CLASS_WIDTH = 64, 80
SIDE = 640
#: In nine of ten photographs at least so many rows of each level are above the default confidence.
SURE_ROWS = 24
SURE = -1.0  # its logit, 0.27

CARD = f"""name: "detector"
task: detection
input: {{width: {SIDE}, height: {SIDE}, channels: 3}}
resize: {{mode: letterbox, interpolation: area, padding: 114}}
normalization: {{mean: [0, 0, 0], std: [1, 1, 1]}}
"""


class Head(AnchorFreeHead):
    """Two 3 x 3 convolutions before the last one, for classes and for boxes."""

    def __init__(self, classes=CLASSES, widths=WIDTHS[2:]):
        super().__init__(classes, widths)
        self.classes = nn.ModuleList(branch(width, CLASS_WIDTH, classes) for width in widths)
        self.boxes = nn.ModuleList(branch(width, BOX_WIDTH, 4) for width in widths)


def branch(inputs: int, width: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(Convolution(inputs, width), Convolution(width, width), nn.Conv2d(width, outputs, 1))


def detector() -> Detector:
    return Detector(Pyramid(WIDTHS), Head())


@torch.no_grad()
def make_sure_of_some(network: Detector, files: list[Path]) -> None:
    """Sets the statistics of the batch norms by photographs, and the last convolutions so that some rows are sure."""
    x = torch.cat([letterboxed(cv2.imread(str(file))) for file in files[:16]])
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = None
    network.train()
    for batch in x.split(4):
        network(batch)
    network.eval()
    features = network.pyramid(x)
    for feature, classes, sides in zip(features, network.head.classes, network.head.boxes):
        logits = classes(feature)
        spread = logits.std(dim=(0, 2, 3))
        classes[-1].weight /= spread[:, None, None, None]
        classes[-1].bias.zero_()
        best = classes(feature).amax(1).flatten(1)
        threshold = best.topk(SURE_ROWS, 1).values[:, -1].quantile(0.1)
        classes[-1].bias += SURE - threshold
        # Distances of about one and a half cells.
        distances = sides(feature)
        sides[-1].weight *= 0.5 / distances.std()
        sides[-1].bias.fill_(1.5)


def letterboxed(picture: numpy.ndarray, side: int = SIDE) -> torch.Tensor:
    """BGR of any size as the network's input."""
    height, width = picture.shape[:2]
    scale = side / max(height, width)
    size = (round(width * scale), round(height * scale))
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    canvas = numpy.full((side, side, 3), 114, numpy.uint8)
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    canvas[top : top + size[1], left : left + size[0]] = cv2.resize(picture, size, interpolation=interpolation)
    rgb = numpy.ascontiguousarray(canvas[:, :, ::-1].transpose(2, 0, 1))
    return torch.from_numpy(rgb)[None].float() / 255
