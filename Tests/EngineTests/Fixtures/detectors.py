"""Small detectors with random weights, one for each layout that exporters write: a pyramid of three levels, and a head.

Boxes are x, y, width, height in input pixels. Each network also gives the logits that its scores are made of.
"""

import torch
from torch import nn

STRIDES = (8, 16, 32)
CLASSES = 5
WIDTH = 12


def convolution(inputs, outputs, kernel=3, stride=1):
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2), nn.SiLU())


class Join(nn.Module):
    def forward(self, first, second):
        return torch.cat([first, second], 1)


class Pyramid(nn.Module):
    """Features at the strides 8, 16 and 32; each finer one is an input of the coarser ones."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(convolution(3, 8, stride=2), convolution(8, WIDTH, stride=2))
        self.stage8 = convolution(WIDTH, WIDTH, stride=2)
        self.stage16 = convolution(WIDTH, WIDTH, stride=2)
        self.stage32 = convolution(WIDTH, WIDTH, stride=2)
        self.join8 = Join()
        self.neck8 = convolution(2 * WIDTH, WIDTH)
        self.down16 = convolution(WIDTH, WIDTH, stride=2)
        self.join16 = Join()
        self.neck16 = convolution(2 * WIDTH, WIDTH)
        self.down32 = convolution(WIDTH, WIDTH, stride=2)
        self.join32 = Join()
        self.neck32 = convolution(2 * WIDTH, WIDTH)

    def forward(self, x):
        eight = self.stage8(self.stem(x))
        sixteen = self.stage16(eight)
        thirtytwo = self.stage32(sixteen)
        up = nn.functional.interpolate(thirtytwo, scale_factor=4.0, mode="nearest")
        neck8 = self.neck8(self.join8(up, eight))
        neck16 = self.neck16(self.join16(self.down16(neck8), sixteen))
        neck32 = self.neck32(self.join32(self.down32(neck16), thirtytwo))
        return [neck8, neck16, neck32]


def cells(feature, stride):
    """The centre of each cell in input pixels: 2 x (height * width)."""
    height, width = feature.shape[2:]
    y, x = torch.meshgrid(torch.arange(height) + 0.5, torch.arange(width) + 0.5, indexing="ij")
    return torch.stack([x.flatten(), y.flatten()]) * stride


class Anchored(nn.Module):
    """One 1 x 1 convolution for each level, three rows a cell, objectness and classes: N x rows x (5 + classes)."""

    anchors = 3

    def __init__(self):
        super().__init__()
        self.pyramid = Pyramid()
        self.heads = nn.ModuleList(nn.Conv2d(WIDTH, self.anchors * (5 + CLASSES), 1) for _ in STRIDES)

    def levels(self, x):
        """N x anchors x height x width x (5 + classes), raw."""
        for feature, head in zip(self.pyramid(x), self.heads):
            count, _, height, width = feature.shape
            yield head(feature).view(count, self.anchors, 5 + CLASSES, height, width).permute(0, 1, 3, 4, 2)

    def forward(self, x):
        rows = []
        for raw, stride in zip(self.levels(x), STRIDES):
            count, _, height, width, _ = raw.shape
            place, size, scores = raw.sigmoid().split((2, 2, 1 + CLASSES), 4)
            y, x_ = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
            place = (place * 2 - 0.5 + torch.stack([x_, y], 2)) * stride
            size = (size * 2) ** 2 * (stride * 4)
            rows.append(torch.cat([place, size, scores], 4).view(count, -1, 5 + CLASSES))
        return (torch.cat(rows, 1),)

    def logits(self, x):
        """rows x (objectness, classes)"""
        return torch.cat([raw[..., 4:].reshape(raw.shape[0], -1, 1 + CLASSES) for raw in self.levels(x)], 1)[0]

    def target(self, logits, row, label):
        return nn.functional.logsigmoid(logits[row, 0]) + nn.functional.logsigmoid(logits[row, 1 + label])


class AnchorFree(nn.Module):
    """Two branches for each level, one row a cell: N x (4 + classes) x rows."""

    def __init__(self):
        super().__init__()
        self.pyramid = Pyramid()
        self.boxes = nn.ModuleList(self.branch(4) for _ in STRIDES)
        self.classes = nn.ModuleList(self.branch(CLASSES) for _ in STRIDES)

    @staticmethod
    def branch(outputs):
        return nn.Sequential(convolution(WIDTH, WIDTH), convolution(WIDTH, WIDTH), nn.Conv2d(WIDTH, outputs, 1))

    def raw(self, features):
        """Distances to the four sides and logits, joined before they are parted again."""
        levels = [
            torch.cat([boxes(feature), classes(feature)], 1).flatten(2)
            for feature, boxes, classes in zip(features, self.boxes, self.classes)
        ]
        return torch.cat(levels, 2).split((4, CLASSES), 1)

    def decoded(self, features, distances):
        centres = torch.cat([cells(feature, stride) for feature, stride in zip(features, STRIDES)], 1)
        low, high = distances.exp().chunk(2, 1)
        low, high = centres - low * 8, centres + high * 8
        return torch.cat([(low + high) / 2, high - low], 1)

    def forward(self, x):
        return self.output(self.pyramid(x))

    def output(self, features):
        distances, logits = self.raw(features)
        return torch.cat([self.decoded(features, distances), logits.sigmoid()], 1)

    def logits(self, x):
        return self.raw(self.pyramid(x))[1][0].t()

    def target(self, logits, row, label):
        return logits[row, label]


class Transposed(AnchorFree):
    """N x rows x (4 + classes)"""

    def output(self, features):
        return super().output(features).transpose(1, 2)


class EndToEnd(AnchorFree):
    """The best rows alone, sorted, by their corners: N x 20 x (4 + score + class)."""

    kept = 20

    def features(self, x):
        return self.pyramid(x)

    def sorted(self, x):
        """The rows that are kept, their classes, and the output."""
        features = self.features(x)
        distances, logits = self.raw(features)
        place, size = self.decoded(features, distances).chunk(2, 1)
        rows = torch.cat([place - size / 2, place + size / 2, logits.sigmoid()], 1).transpose(1, 2)
        boxes, scores = rows.split((4, CLASSES), 2)
        best = scores.amax(2).topk(self.kept, 1)[1].unsqueeze(2)
        boxes = boxes.gather(1, best.repeat(1, 1, 4))
        scores = scores.gather(1, best.repeat(1, 1, CLASSES))
        scores, index = scores.flatten(1).topk(self.kept, 1)
        place, label = index // CLASSES, index % CLASSES
        boxes = boxes.gather(1, place.unsqueeze(2).repeat(1, 1, 4))
        output = torch.cat([boxes, scores.unsqueeze(2), label.unsqueeze(2).float()], 2)
        return best[:, :, 0].gather(1, place)[0], label[0], output

    def forward(self, x):
        return self.sorted(x)[2]


class Blocked(EndToEnd):
    """No gradient comes out of the head."""

    def features(self, x):
        return [feature.detach() for feature in self.pyramid(x)]


class WithMasks(AnchorFree):
    """Seven numbers more behind the classes of each row, as mask coefficients."""

    def __init__(self):
        super().__init__()
        self.masks = nn.ModuleList(self.branch(7) for _ in STRIDES)

    def output(self, features):
        masks = torch.cat([branch(feature).flatten(2) for branch, feature in zip(self.masks, features)], 2)
        return torch.cat([super().output(features), masks], 1)


class Unsigmoided(AnchorFree):
    """Logits where others give probabilities."""

    def output(self, features):
        distances, logits = self.raw(features)
        return torch.cat([self.decoded(features, distances), logits], 1)
