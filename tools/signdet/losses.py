# SPDX-License-Identifier: MIT
"""Which rows should find which sign, and what it costs that they do not yet.

Both assignments go by the size of the object, so that every level learns its own share.
"""

import math

import torch
from torch.nn import functional

from network import STRIDES, decode, grid

# The side of an object (the root of its area) in pixels from which the next level is responsible.
LEVEL_SIZES = (48, 110)
CANDIDATES = 10
# An anchor takes an object whose width and height differ from its own by less than this factor.
ANCHOR_RATIO = 1.6
BOX_WEIGHT = 4


def overlap(first, second):
    """Intersection over union of boxes x1, y1, x2, y2, with broadcasting."""
    low, high = torch.maximum(first[..., :2], second[..., :2]), torch.minimum(first[..., 2:], second[..., 2:])
    intersection = (high - low).clamp(0).prod(-1)
    areas = (first[..., 2:] - first[..., :2]).prod(-1) + (second[..., 2:] - second[..., :2]).prod(-1)
    return intersection / (areas - intersection + 1e-7)


def complete_overlap(first, second):
    """Complete IoU (Zheng et al. 2020, arXiv 1911.08287): less what centres and proportions differ by."""
    low, high = torch.minimum(first[..., :2], second[..., :2]), torch.maximum(first[..., 2:], second[..., 2:])
    diagonal = (high - low).pow(2).sum(-1) + 1e-7
    centres = first[..., :2] + first[..., 2:] - second[..., :2] - second[..., 2:]
    iou = overlap(first, second)
    shape = (4 / math.pi**2) * (slope(second) - slope(first)).pow(2)
    with torch.no_grad():
        weight = shape / (shape - iou + 1 + 1e-7)
    return iou - centres.pow(2).sum(-1) / 4 / diagonal - shape * weight


def slope(boxes):
    size = boxes[..., 2:] - boxes[..., :2]
    return torch.atan(size[..., 0] / (size[..., 1] + 1e-7))


def object_strides(boxes):
    """The stride of the level that is responsible for each box."""
    sides = (boxes[:, 2:] - boxes[:, :2]).prod(1).sqrt()
    return torch.tensor(STRIDES)[torch.bucketize(sides, torch.tensor(LEVEL_SIZES, dtype=torch.float32), right=True)]


def anchor_free_loss(head, features, targets):
    """Task-aligned assignment (Feng et al. 2021, arXiv 2108.07755), inside of each object's own level.

    - Parameter targets: for each picture its boxes and classes.
    """
    logits, predicted, centres, strides = head.raw(features)
    wanted = torch.zeros_like(logits)
    wanted_boxes, weights = torch.zeros_like(predicted), torch.zeros(logits.shape[:2])
    with torch.no_grad():
        for index, (boxes, labels) in enumerate(targets):
            if len(labels):
                rows, objects, weight = aligned(logits[index], predicted[index], centres, strides, boxes, labels)
                wanted[index, rows, labels[objects]] = weight
                wanted_boxes[index, rows] = boxes[objects]
                weights[index, rows] = weight
    total = wanted.sum().clamp(min=1)
    loss = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="sum") / total
    positive = weights > 0
    if positive.any():
        misses = 1 - complete_overlap(predicted[positive], wanted_boxes[positive])
        loss = loss + BOX_WEIGHT * (misses * weights[positive]).sum() / total
    return loss


def aligned(logits, predicted, centres, strides, boxes, labels):
    """The rows that shall find an object, the object of each, and the score that each shall have."""
    iou = overlap(boxes[:, None], predicted[None])
    on_level = strides[None] == object_strides(boxes)[:, None]
    inside = torch.cat([centres[None] - boxes[:, None, :2], boxes[:, None, 2:] - centres[None]], -1).amin(-1) > 1e-6
    inside &= on_level
    distance = (centres[None] - (boxes[:, None, :2] + boxes[:, None, 2:]) / 2).pow(2).sum(-1)
    distance = distance.masked_fill(~on_level, math.inf)
    # A box that holds no cell's centre gets the nearest one.
    nearest = functional.one_hot(distance.argmin(1), len(centres)).bool()
    inside |= nearest & ~inside.any(1, keepdim=True)
    alignment = logits.sigmoid()[:, labels].T.sqrt() * iou.pow(6) * inside
    best, rows = alignment.topk(CANDIDATES, 1)
    positive = torch.zeros_like(inside).scatter_(1, rows, best > 1e-9)
    # Nothing is aligned yet: the three nearest.
    near = torch.zeros_like(inside).scatter_(1, distance.topk(3, 1, largest=False)[1], True) & inside
    positive |= near & ~positive.any(1, keepdim=True)
    claimed = functional.one_hot((iou * positive).argmax(0), len(boxes)).T.bool()
    positive &= claimed | (positive.sum(0) <= 1)
    alignment = alignment * positive
    scores = alignment / (alignment.amax(1, keepdim=True) + 1e-9) * (iou * positive).amax(1, keepdim=True)
    rows = positive.any(0).nonzero()[:, 0]
    return rows, positive[:, rows].float().argmax(0), scores.amax(0)[rows].clamp(min=0.05)


def anchor_loss(head, features, targets):
    """YOLOv5's loss: an object is the matter of anchors of about its size, in its cell and the two nearest ones."""
    pictures = torch.cat([torch.full((len(boxes),), index) for index, (boxes, _) in enumerate(targets)]).long()
    boxes = torch.cat([boxes for boxes, _ in targets])
    labels = torch.cat([labels for _, labels in targets])
    loss, positives = 0, 0
    for level, (x, anchors, stride) in enumerate(zip(head.raw(features), head.anchors, STRIDES)):
        objectness = torch.zeros(x.shape[:4])
        objects, anchor, column, row = matches(boxes, head.anchors, level, stride, x.shape[2:4])
        if len(objects):
            picked = x[pictures[objects], anchor, row, column]
            cells = torch.stack([column, row], 1)
            centre, size = decode(picked[:, :2].sigmoid(), picked[:, 2:4].sigmoid(), cells, anchors[anchor], stride)
            corners = torch.cat([centre - size / 2, centre + size / 2], 1)
            iou = complete_overlap(corners, boxes[objects])
            classes = functional.one_hot(labels[objects], x.shape[-1] - 5).float()
            loss = loss + BOX_WEIGHT * (1 - iou).sum()
            loss = loss + functional.binary_cross_entropy_with_logits(picked[:, 5:], classes, reduction="sum")
            objectness[pictures[objects], anchor, row, column] = iou.detach().clamp(0)
            positives += len(objects)
        loss = loss + functional.binary_cross_entropy_with_logits(x[..., 4], objectness, reduction="sum")
    return loss / max(positives, 1)


def matches(boxes, all_anchors, level, stride, shape):
    """The objects of a level: for each its index, anchor, column and row. An object may occur several times."""
    if not len(boxes):
        return (torch.zeros(0, dtype=torch.long),) * 4
    ratio = (boxes[:, 2:] - boxes[:, :2])[:, None] / all_anchors.reshape(1, -1, 2)
    worst = torch.maximum(ratio, 1 / ratio).amax(2)
    # An object that fits no anchor gets the least bad one.
    fits = (worst < ANCHOR_RATIO) | functional.one_hot(worst.argmin(1), worst.shape[1]).bool()
    count = all_anchors.shape[1]
    objects, anchor = fits[:, level * count : (level + 1) * count].nonzero(as_tuple=True)
    centre = (boxes[objects, :2] + boxes[objects, 2:]) / 2 / stride
    offsets = torch.tensor([[0, 0], [-1, 0], [1, 0], [0, -1], [0, 1]])
    cells = centre.floor().long()[:, None] + offsets
    size = torch.tensor([shape[1], shape[0]])
    distance = (centre[:, None] - (cells + 0.5)).abs().amax(2)
    usable = (distance < 1) & (cells >= 0).all(2) & (cells < size).all(2)
    chosen, which = usable.nonzero(as_tuple=True)
    column, row = cells[chosen, which].T
    return objects[chosen], anchor[chosen], column, row
