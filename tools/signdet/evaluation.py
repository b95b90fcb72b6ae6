# SPDX-License-Identifier: MIT
"""Detections of a raw output, and the average precision of many."""

import numpy
import torch
import torchvision

from losses import overlap
from network import STRIDES

THRESHOLDS = [0.5 + 0.05 * step for step in range(10)]


def decoded(output):
    """Boxes x1, y1, x2, y2 [rows, 4] and scores [rows, classes] of one picture, of either layout."""
    if isinstance(output, (tuple, list)):
        rows = output[0][0]
        scores = rows[:, 4:5] * rows[:, 5:]
    else:
        rows = output[0].T
        scores = rows[:, 4:]
    return torch.cat([rows[:, :2] - rows[:, 2:4] / 2, rows[:, :2] + rows[:, 2:4] / 2], 1), scores


@torch.no_grad()
def detections(output, least_score=0.25, most_overlap=0.6, every_class=False):
    """[count, 7]: corners, score, class and row of the detections that remain after suppression within each class."""
    boxes, scores = decoded(output)
    if every_class:
        rows, labels = (scores > least_score).nonzero(as_tuple=True)
    else:
        best, labels = scores.max(1)
        rows = (best > least_score).nonzero()[:, 0]
        labels = labels[rows]
    boxes, scores = boxes[rows], scores[rows, labels]
    keep = torchvision.ops.batched_nms(boxes, scores, labels, most_overlap)[:100]
    columns = [boxes[keep], scores[keep, None], labels[keep, None].float(), rows[keep, None].float()]
    return torch.cat(columns, 1)


def stride_of_row(row, size, anchors):
    """The stride of the level that a row comes from, of a square input with `anchors` rows for each cell."""
    for stride in STRIDES:
        row -= anchors * (size // stride) ** 2
        if row < 0:
            return stride
    raise ValueError("the output has fewer rows")


def average_precision(found, truth, classes):
    """[classes, THRESHOLDS], by interpolation over all points; NaN for a class that does not occur.

    - Parameter found: for each picture its `detections`. - Parameter truth: for each its boxes and classes.
    """
    precision = numpy.full((classes, len(THRESHOLDS)), numpy.nan)
    for label in range(classes):
        total, ranked = 0, []
        for rows, (boxes, labels) in zip(found, truth):
            boxes = boxes[labels == label]
            total += len(boxes)
            rows = rows[rows[:, 5] == label]
            rows = rows[rows[:, 4].argsort(descending=True)]
            ranked += zip(rows[:, 4].tolist(), hits(rows, boxes))
        if total:
            ranked.sort(key=lambda entry: -entry[0])
            correct = numpy.array([hit for _, hit in ranked]).reshape(-1, len(THRESHOLDS))
            precision[label] = [area(column, total) for column in correct.T]
    return precision


def hits(rows, boxes):
    """For each detection, best first, at which thresholds it finds a box that no better one has found."""
    used = numpy.zeros((len(THRESHOLDS), len(boxes)), bool)
    result = []
    for row in rows:
        hit = numpy.zeros(len(THRESHOLDS), bool)
        if len(boxes):
            iou = overlap(row[None, :4], boxes).numpy()
            for index, threshold in enumerate(THRESHOLDS):
                free = numpy.where(used[index], -1, iou)
                best = free.argmax()
                hit[index] = free[best] >= threshold
                used[index, best] |= hit[index]
        result.append(hit)
    return result


def area(correct, total):
    """Under the curve of precision over recall."""
    if not len(correct):
        return 0.0
    correct = correct.cumsum()
    recall = correct / total
    precision = numpy.maximum.accumulate((correct / numpy.arange(1, len(correct) + 1))[::-1])[::-1]
    return float((numpy.diff(recall, prepend=0) * precision).sum())
