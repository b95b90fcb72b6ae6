# SPDX-License-Identifier: MIT
"""A small detector in plain PyTorch: one backbone and neck of three levels, and two heads in the layouts people use.

`AnchorFreeHead` writes what YOLOv8 and YOLO11 exports write, [1, 4 + classes, rows]; `AnchorHead` what PyPI's yolov5
does, a tuple of one [1, rows, 5 + classes]. Boxes are x, y, width, height of the centre in input pixels, scores 0 to 1.
"""

import torch
import torch.nn.functional as functional
from torch import nn

STRIDES = (8, 16, 32)
WIDTHS = (16, 24, 48, 96, 128)
# Width and height in input pixels, three for each stride.
ANCHORS = [[[16, 18], [24, 26], [36, 40]], [[50, 54], [68, 74], [92, 98]], [[120, 128], [160, 170], [210, 225]]]


class Convolution(nn.Module):
    def __init__(self, inputs, outputs, kernel=3, stride=1, groups=1):
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.normalization = nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.03)

    def forward(self, x):
        return functional.silu(self.normalization(self.convolution(x)))


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.first, self.second = Convolution(channels, channels), Convolution(channels, channels)

    def forward(self, x):
        return x + self.second(self.first(x))


class Split(nn.Module):
    """Half of the channels pass by, the other half goes through residual blocks; all are merged."""

    def __init__(self, inputs, outputs, blocks):
        super().__init__()
        half = outputs // 2
        self.aside, self.inside = Convolution(inputs, half, 1), Convolution(inputs, half, 1)
        self.blocks = nn.Sequential(*[Residual(half) for _ in range(blocks)])
        self.merge = Convolution(2 * half, outputs, 1)

    def forward(self, x):
        return self.merge(torch.cat([self.aside(x), self.blocks(self.inside(x))], 1))


class Pool(nn.Module):
    """Maxima over wider and wider surroundings, merged."""

    def __init__(self, channels):
        super().__init__()
        self.first, self.second = Convolution(channels, channels // 2, 1), Convolution(channels * 2, channels, 1)

    def forward(self, x):
        levels = [self.first(x)]
        for _ in range(3):
            levels.append(functional.max_pool2d(levels[-1], 5, 1, 2))
        return self.second(torch.cat(levels, 1))


class Concat(nn.Module):
    """A module of its own, as in YOLOv5, so that what it gives has a module path."""

    def forward(self, first, second):
        return torch.cat([first, second], 1)


class Pyramid(nn.Module):
    """Backbone and neck: features at the strides 8, 16 and 32, the inputs of the heads."""

    def __init__(self, widths=WIDTHS):
        super().__init__()
        stem, four, eight, sixteen, thirtytwo = widths
        self.stem = Convolution(3, stem, stride=2)
        self.stage4 = nn.Sequential(Convolution(stem, four, stride=2), Split(four, four, 1))
        self.stage8 = nn.Sequential(Convolution(four, eight, stride=2), Split(eight, eight, 2))
        self.stage16 = nn.Sequential(Convolution(eight, sixteen, stride=2), Split(sixteen, sixteen, 2))
        self.stage32 = nn.Sequential(
            Convolution(sixteen, thirtytwo, stride=2), Split(thirtytwo, thirtytwo, 1), Pool(thirtytwo)
        )
        self.up_concat16 = Concat()
        self.up16 = Split(thirtytwo + sixteen, sixteen, 1)
        self.concat8 = Concat()
        self.neck8 = Split(sixteen + eight, eight, 1)
        self.down16 = Convolution(eight, eight, stride=2)
        self.concat16 = Concat()
        self.neck16 = Split(eight + sixteen, sixteen, 1)
        self.down32 = Convolution(sixteen, sixteen, stride=2)
        self.concat32 = Concat()
        self.neck32 = Split(sixteen + thirtytwo, thirtytwo, 1)

    def forward(self, x):
        eight = self.stage8(self.stage4(self.stem(x)))
        sixteen = self.stage16(eight)
        thirtytwo = self.stage32(sixteen)
        up16 = self.up16(self.up_concat16(doubled(thirtytwo), sixteen))
        neck8 = self.neck8(self.concat8(doubled(up16), eight))
        neck16 = self.neck16(self.concat16(self.down16(neck8), up16))
        neck32 = self.neck32(self.concat32(self.down32(neck16), thirtytwo))
        return neck8, neck16, neck32


class AnchorFreeHead(nn.Module):
    """Per cell one row: the logits of the classes, and the distances from the cell's centre to the four sides."""

    def __init__(self, classes, widths=WIDTHS[2:], hidden=48):
        super().__init__()
        self.classes = nn.ModuleList(
            nn.Sequential(
                Convolution(width, hidden, 1),
                Convolution(hidden, hidden, 3, groups=hidden),
                Convolution(hidden, hidden, 1),
                nn.Conv2d(hidden, classes, 1),
            )
            for width in widths
        )
        self.boxes = nn.ModuleList(
            nn.Sequential(Convolution(width, hidden, 1), Convolution(hidden, hidden, 3), nn.Conv2d(hidden, 4, 1))
            for width in widths
        )
        for branch in self.classes:
            nn.init.constant_(branch[-1].bias, -5.0)
        for branch in self.boxes:
            nn.init.constant_(branch[-1].bias, 1.0)

    def raw(self, features):
        """Logits [N, rows, classes], boxes by their corners [N, rows, 4], cell centres [rows, 2], strides [rows]."""
        logits, boxes, centres, strides = [], [], [], []
        for feature, classes, sides, stride in zip(features, self.classes, self.boxes, STRIDES):
            height, width = feature.shape[2:]
            centre = (grid(height, width) + 0.5).reshape(-1, 2) * stride
            distances = functional.softplus(sides(feature)).flatten(2).transpose(1, 2) * stride
            logits.append(classes(feature).flatten(2).transpose(1, 2))
            boxes.append(torch.cat([centre - distances[..., :2], centre + distances[..., 2:]], -1))
            centres.append(centre)
            strides.append(torch.full((height * width,), float(stride)))
        return torch.cat(logits, 1), torch.cat(boxes, 1), torch.cat(centres), torch.cat(strides)

    def forward(self, features):
        logits, boxes, _, _ = self.raw(features)
        low, high = boxes[..., :2], boxes[..., 2:]
        return torch.cat([(low + high) / 2, high - low, logits.sigmoid()], -1).transpose(1, 2)


class AnchorHead(nn.Module):
    """Per cell and anchor one row, from a single 1 x 1 convolution for each level."""

    def __init__(self, classes, widths=WIDTHS[2:], anchors=ANCHORS):
        super().__init__()
        self.columns = 5 + classes
        self.register_buffer("anchors", torch.tensor(anchors, dtype=torch.float32))
        self.outputs = nn.ModuleList(nn.Conv2d(width, len(anchors[0]) * self.columns, 1) for width in widths)
        for output in self.outputs:
            with torch.no_grad():
                output.bias.view(-1, self.columns)[:, 4] = -6.0

    def raw(self, features):
        """For each level what its convolution gives: [N, anchors, height, width, 5 + classes]."""
        levels = []
        for feature, output in zip(features, self.outputs):
            x = output(feature)
            count, _, height, width = x.shape
            x = x.view(count, -1, self.columns, height, width)
            levels.append(x.permute(0, 1, 3, 4, 2).contiguous())
        return levels

    def forward(self, features):
        rows = []
        for x, anchors, stride in zip(self.raw(features), self.anchors, STRIDES):
            count, _, height, width, _ = x.shape
            centre, size, scores = x.sigmoid().split((2, 2, self.columns - 4), 4)
            centre, size = decode(centre, size, grid(height, width), anchors[:, None, None], stride)
            rows.append(torch.cat([centre, size, scores], 4).view(count, -1, self.columns))
        return (torch.cat(rows, 1),)


class Detector(nn.Module):
    def __init__(self, pyramid, head):
        super().__init__()
        self.pyramid = pyramid
        self.head = head

    def forward(self, x):
        return self.head(self.pyramid(x))


def decode(centre, size, cells, anchors, stride):
    """YOLOv5's boxes: the centre at most half a cell outside of its own, the size up to four times the anchor's."""
    return (centre * 2 - 0.5 + cells) * stride, (size * 2) ** 2 * anchors


def doubled(x):
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")


def grid(height, width):
    """The column and row of every cell: [height, width, 2]."""
    rows, columns = torch.arange(height, dtype=torch.float32), torch.arange(width, dtype=torch.float32)
    return torch.stack([columns[None, :].expand(height, width), rows[:, None].expand(height, width)], -1)


def detectors(classes):
    """The anchor-free and the anchor-based detector, which share one pyramid."""
    pyramid = Pyramid()
    return Detector(pyramid, AnchorFreeHead(classes)), Detector(pyramid, AnchorHead(classes))
