#!/usr/bin/env python3
"""Writes nms.json: detectors' outputs, and what torch and torchvision make of them.

    python3 make_nms.py        (torch 1.13, torchvision 0.14)

The steps are those of non_max_suppression in YOLOv5 7.0 and Ultralytics 8, with torch's own operations for each: strict
thresholds, torch.max for the best class, torchvision.ops.nms for what overlaps. Sorting is stable, so that ties have
one answer.
"""
import json
from pathlib import Path

import torch
from torchvision.ops import nms

CELLS = 64 + 16 + 4  # strides 8, 16, 32 of a 64 x 64 input


def clusters(count, seed, size=64.0):
    """Centres and sizes of boxes that overlap a lot: `count` around few objects, in sixteenths of a pixel."""
    random = torch.Generator().manual_seed(seed)
    objects = torch.rand(6, 4, generator=random) * torch.tensor([size, size, size / 3, size / 3])
    objects[:, 2:] += size / 8
    chosen = objects[torch.randint(6, (count,), generator=random)]
    boxes = chosen + torch.randn(count, 4, generator=random) * torch.tensor([2.0, 2.0, 3.0, 3.0])
    boxes[:, 2:].clamp_(min=1)
    return (boxes * 16).round() / 16


def scores(rows, columns, seed, levels=200):
    """0...1 in few steps, so that some are equal."""
    random = torch.Generator().manual_seed(seed)
    return (torch.rand(rows, columns, generator=random) * levels).round() / levels


def corners(boxes):
    half = boxes[:, 2:] / 2
    return torch.cat((boxes[:, :2] - half, boxes[:, :2] + half), 1)


def suppressed(boxes, best, classes, iou):
    """Indices of what is kept, best first. Boxes are shifted by their class, so that different classes do not meet."""
    return nms(boxes + classes.float()[:, None] * 7680, best, iou)


def detections(prediction, family, confidence, iou, max_detections, allowed):
    """prediction: [rows, attributes]."""
    rows = torch.arange(len(prediction))
    if family == "end-to-end":
        keep = prediction[:, 4] > confidence
        boxes, best, classes = prediction[keep, :4], prediction[keep, 4], prediction[keep, 5].long()
    else:
        keep = prediction[:, 4] > confidence if family == "yolov5" else torch.ones(len(prediction)).bool()
        prediction, rows = prediction[keep], rows[keep]
        class_scores = prediction[:, 5:] * prediction[:, 4:5] if family == "yolov5" else prediction[:, 4:]
        best, classes = class_scores.max(1)
        keep = best > confidence
        boxes, best, classes = corners(prediction[keep, :4]), best[keep], classes[keep]
    rows = rows[keep]
    if allowed is not None:
        keep = (classes[:, None] == torch.tensor(allowed)).any(1)
        boxes, best, classes, rows = boxes[keep], best[keep], classes[keep], rows[keep]
    if family == "end-to-end":
        kept = best.argsort(descending=True, stable=True)[:max_detections]
    else:
        kept = suppressed(boxes, best, classes, iou)[:max_detections]
    return [
        {"row": int(rows[k]), "class": int(classes[k]), "score": number(best[k]),
         "box": [number(edge) for edge in boxes[k]]}
        for k in kept
    ]


def number(value):
    """The shortest decimal that is this float32 again."""
    return float(str(value.numpy()))


def case(name, family, prediction, transposed=False, confidence=0.25, iou=0.45, max_detections=300, allowed=None):
    written = prediction.t() if transposed else prediction
    return {
        "name": name, "family": family, "shape": [1, *written.shape], "confidence": confidence, "iou": iou,
        "max_detections": max_detections, "allowed": allowed,
        "output": [number(value) for value in written.flatten()],
        "detections": detections(prediction, family, confidence, iou, max_detections, allowed),
    }


def shifted():
    """Boxes of high classes whose edges are no sixteenths: the shift decides about some."""
    random = torch.Generator().manual_seed(12)
    boxes = corners(clusters(150, 10) + torch.rand(150, 4, generator=random) / 16)
    best = torch.rand(150, generator=random)
    classes = torch.randint(77, 80, (150,), generator=random)
    kept = suppressed(boxes, best, classes, 0.6).tolist()
    assert set(kept) != set(suppressed(boxes, best, classes - 77, 0.6).tolist()), "the shift makes no difference"
    return {"iou": 0.6, "boxes": [[number(edge) for edge in box] for box in boxes],
            "scores": [number(score) for score in best], "classes": classes.tolist(), "kept": kept}


def main():
    v5 = torch.cat((clusters(3 * CELLS, 1), scores(3 * CELLS, 4, 2)), 1)
    v8 = torch.cat((clusters(CELLS, 3), scores(CELLS, 5, 4)), 1)
    one_class = torch.cat((clusters(CELLS, 5), scores(CELLS, 1, 6)), 1)
    end_to_end = torch.cat((corners(clusters(30, 7)), scores(30, 1, 8), torch.arange(30).float()[:, None] % 4), 1)
    cases = [
        case("YOLOv5", "yolov5", v5),
        case("YOLOv5, two classes, few boxes", "yolov5", v5, confidence=0.1, iou=0.2, max_detections=7,
             allowed=[0, 2]),
        case("YOLOv8", "yolov8", v8, transposed=True, iou=0.7),
        case("YOLOv8, one class, everything", "yolov8", one_class, transposed=True, confidence=0.0, iou=0.3),
        case("YOLOv8, transposed by the exporter", "yolov8", v8, confidence=0.6, iou=0.5),
        case("end-to-end", "end-to-end", end_to_end, confidence=0.3, max_detections=10),
    ]
    lines = ",\n".join(json.dumps(one, separators=(",", ":")) for one in cases)
    (Path(__file__).parent / "nms.json").write_text(
        '{"outputs":[\n' + lines + '\n],"shifted":\n' + json.dumps(shifted(), separators=(",", ":")) + "}\n")
    for one in cases:
        print(one["name"], len(one["detections"]), "of", one["shape"])

    # What decides where the overlap is the threshold itself: 6 of 10 cells, compared in double precision.
    pair = torch.tensor([[0.0, 0, 8, 1], [2, 0, 10, 1]])
    for threshold in (0.6, float(torch.tensor(0.6))):
        print("IoU 0.6 at threshold", threshold, "keeps", nms(pair, torch.tensor([0.9, 0.8]), threshold).tolist())


if __name__ == "__main__":
    main()
