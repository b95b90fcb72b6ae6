#!/usr/bin/env python3
"""Writes the golden values for the suppression of overlapping detections: random raw outputs of both layouts, and which
rows torchvision keeps of them. Needs torch and torchvision. Where they are installed, the packages ultralytics and
yolov5 (AGPL-3.0, no part of gradcamd) are asked too, and must agree.

    make_exporters.py [FOLDER]

A row has one detection at most: that of its best class. Boxes of one class suppress each other where their intersection
over union is larger than the threshold; the better score wins. Scores must be larger than the confidence.
Among equal scores the earlier row goes first, and the earlier class.
"""

import json
import sys
import warnings
from pathlib import Path

import torch
from torchvision.ops import batched_nms, box_convert

SETTINGS = [
    # confidence, IoU, most detections, classes (None: all)
    (0.25, 0.7, 300, None),
    (0.25, 0.45, 300, None),
    (0.25, 0.45, 1000, None),
    (0.001, 0.7, 300, None),
    (0.6, 0.45, 300, None),
    (0.25, 0.7, 5, None),
    (0.25, 0.45, 300, [1]),
    (0.25, 0.45, 300, [2, 0]),
    (0.25, 0.0, 300, None),
    (0.25, 1.0, 300, None),
    (0.999, 0.7, 300, None),
]


def clusters(count, classes, seed, has_objectness):
    """rows x (x, y, width, height, [objectness,] scores of the classes): boxes around few centres, scores in steps of
    1/64 so that ties are frequent, all exact in float32 and in few decimal digits."""
    generator = torch.Generator().manual_seed(seed)

    def uniform(*shape):
        return torch.rand(*shape, generator=generator)

    centre = uniform(24, 2) * 280 + 20
    extent = uniform(24, 2) * 80 + 8
    which = torch.randint(24, (count,), generator=generator)
    place = centre[which] + (uniform(count, 2) - 0.5) * extent[which] * 0.6
    size = extent[which] * (0.75 + 0.5 * uniform(count, 2))
    boxes = (torch.cat([place, size], 1) * 4).round() / 4
    home = torch.randint(classes, (24,), generator=generator)[which]
    scores = uniform(count, classes) ** 6
    scores[torch.arange(count), home] = uniform(count) ** 0.7
    scores = (scores * 64).round() / 64
    columns = [boxes, scores]
    if has_objectness:
        columns.insert(1, (uniform(count, 1) ** 0.5 * 32).round() / 32)
    # A row and its exact copy, and one box twice with different classes.
    rows = torch.cat(columns, 1)
    rows[17] = rows[5]
    rows[30, :4] = rows[31, :4]
    return rows


def candidates(rows, has_objectness):
    scores = rows[:, 5:] * rows[:, 4:5] if has_objectness else rows[:, 4:]
    best, label = scores.max(1)  # of equal ones the first
    return box_convert(rows[:, :4], "cxcywh", "xyxy"), best, label


def kept(rows, has_objectness, confidence, iou, most, classes):
    boxes, scores, labels = candidates(rows, has_objectness)
    sure = scores > confidence
    if has_objectness:
        sure &= rows[:, 4] > confidence  # implied: no class probability is above 1
    if classes is not None:
        sure &= torch.isin(labels, torch.tensor(classes))
    index = sure.nonzero()[:, 0]
    # torchvision says nothing about ties: sorted beforehand, so that the earlier row comes first.
    index = index[scores[index].argsort(descending=True, stable=True)]
    # Its order of equal scores is that of a stable sort on the CPU, which the cross-check below relies on as well.
    keep = batched_nms(boxes[index].double(), scores[index].double(), labels[index], iou)[:most]
    return index[keep], boxes, scores, labels


def reference(rows, has_objectness, confidence, iou, most, classes):
    """The rows by the definition, without torchvision."""
    boxes, scores, labels = candidates(rows.double(), has_objectness)
    order = sorted(range(len(rows)), key=lambda row: (-float(scores[row]), row))
    result = []
    for row in order:
        if not scores[row] > confidence or (classes is not None and int(labels[row]) not in classes):
            continue
        if all(labels[other] != labels[row] or overlap(boxes[row], boxes[other]) <= iou for other in result):
            result.append(row)
    return result[:most]


def overlap(a, b):
    left, top, right, bottom = (*torch.maximum(a[:2], b[:2]), *torch.minimum(a[2:], b[2:]))
    intersection = (right - left).clamp_min(0) * (bottom - top).clamp_min(0)
    return intersection / ((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - intersection)


def others():
    """The packages' own functions: name -> (rows, settings) -> detections, for the layout that each knows."""
    warnings.simplefilter("ignore")
    found = {}
    try:
        from ultralytics.utils.nms import non_max_suppression

        found["v8"] = lambda rows, confidence, iou, most, classes: non_max_suppression(
            rows.T[None].clone(), confidence, iou, classes, max_det=most, multi_label=False
        )[0]
    except ImportError:
        print("ultralytics is not installed: the v8 layout is not cross-checked")
    try:
        from yolov5.utils.general import non_max_suppression as yolov5_suppression

        found["v5"] = lambda rows, confidence, iou, most, classes: yolov5_suppression(
            rows[None].clone(), confidence, iou, classes, max_det=most, multi_label=False
        )[0]
    except ImportError:
        print("yolov5 is not installed: the v5 layout is not cross-checked")
    return found


def expect(layout, rows, settings, other):
    has_objectness = layout == "v5"
    index, boxes, scores, labels = kept(rows, has_objectness, *settings)
    assert index.tolist() == reference(rows, has_objectness, *settings), (layout, settings, "torchvision")
    agrees = None
    if other:
        theirs = other(rows, *settings)
        ours = torch.cat([boxes[index], scores[index, None], labels[index, None].float()], 1)
        assert sorted(theirs.tolist()) == sorted(ours.tolist()), (layout, settings, len(theirs), len(ours))
        agrees = theirs.tolist() == ours.tolist()
    confidence, iou, most, classes = settings
    print(f"{layout} {str(settings):34} {len(index):4} kept; the package's order is the same: {agrees}")
    return {
        "confidence": confidence,
        "iou": iou,
        "max_detections": most,
        "classes": classes,
        "rows": index.tolist(),
        "labels": labels[index].tolist(),
        "scores": scores[index].tolist(),
        "boxes": boxes[index].tolist(),
    }


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    other = others()
    for layout, count, classes, seed in [("v8", 300, 3, 8), ("v5", 240, 3, 5)]:
        rows = clusters(count, classes, seed, layout == "v5")
        expected = [expect(layout, rows, settings, other.get(layout)) for settings in SETTINGS]
        # v8: channels first, as the network writes it.
        output = rows.T if layout == "v8" else rows
        golden = {"shape": [1, *output.shape], "output": output.flatten().tolist(), "expected": expected}
        file = folder / f"exporters_yolo{layout}.json"
        file.write_text(json.dumps(golden, separators=(",", ":")).replace(".0,", ",").replace(".0]", "]") + "\n")
        print(f"{file}: {file.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
