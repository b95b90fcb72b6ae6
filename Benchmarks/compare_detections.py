#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what `gradcam explain` finds with what the eager PyTorch networks of `tools/signdet` find, and counts where
its heat lies.

    Benchmarks/fetch_photos.sh PHOTOS
    .build-python-bench/bin/python Benchmarks/compare_detections.py --photos PHOTOS/*.jpg

Fails where a detection differs without a cause that rounding explains, or where the default method points beside the
box in more than one of ten maps.
"""

import argparse
import collections
import contextlib
import io
import itertools
import json
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import cv2
import numpy
import torch
import torchvision

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tools/signdet"))

import data
import export
import weights
from detector_networks import untrained
from evaluation import decoded, stride_of_row
from losses import overlap
from network import STRIDES, detectors
from signs import NAMES

SIZE = 320
# Width and height; pictures of them are letterboxed. Odd ones leave an odd padding, the last one is enlarged.
OTHER_SHAPES = [(500, 300), (300, 700), (1280, 720), (333, 518), (200, 121)]
GREY = 114
CONFIDENCE = 0.25
LARGEST_BOX_DIFFERENCE = 1  # in pixels of the network's input
LARGEST_SCORE_DIFFERENCE = 1e-3
# So near to a limit rounding may decide.
ROUNDING = 1e-4
LEAST_HIT = 0.9
# A map is faint whose highest value is below this share of the depth of its lowest one.
FAINT = 0.1
METHODS = ["local-gradcam", "gradcam", "hirescam", "layercam"]

# The layout's name, its exported file, rows of each cell, the overlap that suppresses, and the network itself.
Network = collections.namedtuple("Network", "name file anchors iou eager configuration")
# What of a picture is known: its file, its pixels, and the true boxes with their classes.
Picture = collections.namedtuple("Picture", "file image boxes labels")
# What one row of the output says, with its box in pixels of the picture.
Found = collections.namedtuple("Found", "row label score box")


def main():
    warnings.simplefilter("ignore")
    arguments = parsed_arguments()
    torch.set_num_threads(1)
    photos = data.read_photos(arguments.photos)
    good = True
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        pictures = list(painted(data.Painter(photos, arguments.seed), arguments, folder))
        signs = sum(len(picture.boxes) for picture in pictures)
        print(f"{len(pictures)} pictures with {signs} signs, {len(photos)} photographs, seed {arguments.seed}\n")
        for network in networks(arguments.weights, folder):
            print(f"### {network.name}\n")
            default = explained(arguments.gradcam, network.file, pictures, None, folder)
            answers = {METHODS[0]: default}
            for method in METHODS[1:]:
                answers[method] = explained(arguments.gradcam, network.file, pictures, method, folder)
            if {heat["method"] for _, _, heat in judged_maps(pictures, default)} != {METHODS[0]}:
                sys.exit(f"compare_detections: the default method is not {METHODS[0]}")
            good &= compare(network, pictures, default)
            good &= pointing(pictures, answers)
            control(network, pictures, default, arguments, folder)
    sys.exit(0 if good else "compare_detections: see what differs above")


def parsed_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gradcam", default=ROOT / ".build/release/gradcam", help="the command (%(default)s)")
    parser.add_argument("--weights", default=ROOT / "tools/signdet/signdet.pt", help="(%(default)s)")
    parser.add_argument("--photos", nargs="+", required=True, help="photographs that were not trained on")
    parser.add_argument("--pictures", type=int, default=100, help=f"of {SIZE} x {SIZE} (%(default)s)")
    parser.add_argument("--others", type=int, default=20, help="of other shapes (%(default)s)")
    parser.add_argument("--controls", type=int, default=42, help="maps of an untrained network (%(default)s)")
    parser.add_argument("--seed", type=int, default=4711)
    arguments = parser.parse_args()
    if not Path(arguments.gradcam).exists():
        sys.exit(f"compare_detections: there is no {arguments.gradcam}: run 'swift build -c release', or name another")
    return arguments


def networks(path, folder):
    """Both networks with their weights, written as files for the command."""
    anchor_free, anchored = detectors(len(NAMES))
    weights.load(path, anchor_free, anchored)
    return [
        exported("anchor-free", anchor_free, export.ultralytics_configuration(), folder / "anchor-free.torchscript"),
        exported("anchors", anchored, export.yolov5_configuration(), folder / "anchors.torchscript"),
    ]


def exported(name, eager, configuration, file):
    torch.manual_seed(0)
    with contextlib.redirect_stdout(io.StringIO()):
        export.write(eager, configuration, file)
    anchors, iou = (1, 0.7) if name == "anchor-free" else (3, 0.45)
    return Network(name, file, anchors, iou, eager, configuration)


# Pictures


def painted(painter, arguments, folder):
    shapes = [(SIZE, SIZE)] * arguments.pictures
    shapes += itertools.islice(itertools.cycle(OTHER_SHAPES), arguments.others)
    for index, (width, height) in enumerate(shapes):
        image, boxes, labels = tiled(painter, width, height)
        file = folder / f"{index:03}-{width}x{height}.png"
        cv2.imwrite(str(file), image[:, :, ::-1])
        yield Picture(file, image, boxes, labels)


def tiled(painter, width, height):
    """Painted squares beside or below each other, the last one cut. A sign counts where half of its box is left."""
    side = min(width, height)
    image = numpy.zeros((height, width, 3), numpy.uint8)
    all_boxes, all_labels = [], []
    for top, left in itertools.product(range(0, height, side), range(0, width, side)):
        tile, boxes, labels = painter.sample(side, most_signs=6)
        part = image[top : top + side, left : left + side]
        part[:] = tile[: part.shape[0], : part.shape[1]]
        for box, label in zip(boxes, labels):
            seen = numpy.minimum(box, [part.shape[1], part.shape[0]] * 2)
            if area(seen) >= area(box) / 2:
                all_boxes.append(seen + numpy.float32([left, top, left, top]))
                all_labels.append(label)
    return image, numpy.array(all_boxes, numpy.float32).reshape(-1, 4), numpy.array(all_labels, numpy.int64)


def area(box):
    return (box[2] - box[0]) * (box[3] - box[1])


# The command


def run(gradcam, model, files, folder, *options):
    """One answer for each file."""
    overlays = folder / "overlays"
    overlays.mkdir(exist_ok=True)
    command = [gradcam, "explain", *files, "--model", model, "--json", "--force", "--output", overlays, *options]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if result.returncode != 0:
        sys.exit(f"compare_detections: {gradcam} failed: {result.stderr.strip()}")
    return [json.loads(line)["explanation"] for line in result.stdout.splitlines()]


def explained(gradcam, model, pictures, method, folder):
    options = ["--method", method] if method else []
    return run(gradcam, model, [picture.file for picture in pictures], folder, *options)


def edges(box):
    return numpy.array([box["left"], box["top"], box["right"], box["bottom"]])


def found_by_command(answer):
    return {
        said["object"]["row"]: Found(
            said["object"]["row"], said["class_index"], said["score"], edges(said["object"]["box"])
        )
        for said in answer["predictions"]
    }


# By definition


class Letterbox:
    """How a picture lies in the network's input."""

    def __init__(self, image):
        height, width = image.shape[:2]
        self.gain = min(SIZE / width, SIZE / height)
        scaled = round(width * self.gain), round(height * self.gain)
        self.left, self.top = (round((SIZE - side) / 2 - 0.1) for side in scaled)
        if scaled != (width, height):
            image = cv2.resize(image, scaled, interpolation=cv2.INTER_LINEAR)
        right, bottom = SIZE - scaled[0] - self.left, SIZE - scaled[1] - self.top
        grey = [GREY] * 3
        self.pixels = cv2.copyMakeBorder(image, self.top, bottom, self.left, right, cv2.BORDER_CONSTANT, value=grey)
        self.scale = numpy.array([scaled[0] / width, scaled[1] / height] * 2)
        self.limits = numpy.array([width, height] * 2)

    def input(self):
        return torch.from_numpy(self.pixels).permute(2, 0, 1)[None].float() / 255

    def in_picture(self, boxes, scale):
        """Boxes of the input in pixels of the picture, cut off at its edges."""
        return numpy.clip((boxes - [self.left, self.top] * 2) / scale, 0, self.limits)


class Definition:
    """What the eager network finds in one picture."""

    def __init__(self, network, image):
        self.iou = network.iou
        self.letterbox = Letterbox(image)
        with torch.no_grad():
            self.boxes, scores = decoded(network.eager(self.letterbox.input()))
        self.scores, self.labels = scores.max(1)
        candidates = (self.scores > CONFIDENCE).nonzero()[:, 0]
        boxes, scores, labels = self.boxes[candidates], self.scores[candidates], self.labels[candidates]
        self.rows = candidates[torchvision.ops.batched_nms(boxes, scores, labels, self.iou)].tolist()

    def found(self, scale=None):
        """By row. - Parameter scale: of the picture, for both sides; else each side's own, which rounding changes."""
        boxes = self.letterbox.in_picture(self.boxes.numpy(), self.letterbox.scale if scale is None else scale)
        return {row: Found(row, int(self.labels[row]), float(self.scores[row]), boxes[row]) for row in self.rows}

    def cause(self, row, differing):
        """Why a row may be found by one side only; None where nothing explains it."""
        score = self.scores[row]
        if abs(score - CONFIDENCE) <= ROUNDING:
            return f"its score {score:.6f} is at the threshold"
        rivals = ((self.scores > CONFIDENCE - ROUNDING) & (self.labels == self.labels[row])).nonzero()[:, 0]
        iou = overlap(self.boxes[row][None], self.boxes[rivals])
        for rival, common in zip(rivals.tolist(), iou.tolist()):
            if rival == row:
                continue
            if abs(common - self.iou) <= ROUNDING:
                return f"it overlaps row {rival} by {common:.6f}, which is at the limit"
            if common > self.iou and abs(self.scores[rival] - score) <= ROUNDING:
                return f"row {rival}, which it overlaps, has the same score but for {self.scores[rival] - score:.1e}"
            if common > self.iou and rival in differing:
                return f"row {rival}, which it overlaps, differs"
        return None


def compare(network, pictures, answers):
    """Prints how the command's detections differ from those by definition. - Returns: whether every one has a cause."""
    same = detections = 0
    boxes, gain_boxes, scores, differences = [0.0], [0.0], [0.0], []
    for picture, answer in zip(pictures, answers):
        definition = Definition(network, picture.image)
        wanted, ours = definition.found(), found_by_command(answer)
        by_gain = definition.found(definition.letterbox.gain)
        detections += len(wanted)
        differing = set(wanted) ^ set(ours)
        reasons = {row: definition.cause(row, differing - {row}) for row in differing}
        for row in set(wanted) & set(ours):
            box, score = box_difference(definition, wanted[row], ours[row]), abs(wanted[row].score - ours[row].score)
            boxes.append(box)
            scores.append(score)
            gain_boxes.append(box_difference(definition, by_gain[row], ours[row]))
            is_same = wanted[row].label == ours[row].label and box <= LARGEST_BOX_DIFFERENCE
            if not is_same or score > LARGEST_SCORE_DIFFERENCE:
                reasons[row] = None
        same += not reasons
        differences += [(picture.file.name, row, reason) for row, reason in reasons.items()]
    head = ["pictures", "the same", "detections", "box, input pixels", "the same by one gain", "score"]
    table(head, [[len(pictures), same, detections, *(f"{max(values):.1e}" for values in (boxes, gain_boxes, scores))]])
    for name, row, reason in differences:
        print(f"* {name}, row {row}: {reason or 'DIFFERS WITHOUT A CAUSE'}")
    print()
    return all(reason for _, _, reason in differences)


def box_difference(definition, wanted, ours):
    return float((numpy.abs(wanted.box - ours.box) * definition.letterbox.scale).max())


# Where the heat lies


def judged_maps(pictures, answers):
    """For each map of the answers: the picture, the prediction and its heat."""
    for picture, answer in zip(pictures, answers):
        for said in answer["predictions"]:
            if said.get("heat"):
                yield picture, said, said["heat"]


def true_box(picture, label, box):
    """The true box that a detection finds; None where there is none."""
    if not len(picture.boxes):
        return None
    iou = overlap(torch.from_numpy(box).float()[None], torch.from_numpy(picture.boxes)).numpy()
    iou = iou * (picture.labels == label)
    return picture.boxes[iou.argmax()] if iou.max() >= 0.5 else None


def points_into(box, heat):
    """Whether the centre of the hottest pixel lies in a box."""
    statistics = heat["statistics"]
    if "peak_x" not in statistics:
        return False
    x, y = statistics["peak_x"] + 0.5, statistics["peak_y"] + 0.5
    return bool(box[0] <= x < box[2] and box[1] <= y < box[3])


def pointing(pictures, answers):
    """Prints where each method's heat lies. - Returns: whether the default's points into the boxes."""
    rows = []
    for method, explanations in answers.items():
        figures = collections.defaultdict(list)
        for picture, said, heat in judged_maps(pictures, explanations):
            truth = true_box(picture, said["class_index"], edges(said["object"]["box"]))
            in_box = heat["in_box"]
            figure = {
                "detected": bool(in_box.get("pointing_hit")),
                "true": None if truth is None else points_into(truth, heat),
                "energy": in_box.get("energy_in_box"),
                "other": in_box.get("other_energy"),
                "zero": heat["statistics"]["zero_cam"],
                "faint": is_faint(heat["statistics"]),
                "kind": (said["label"], said["object"]["stride"]),
                "raw_max": heat["statistics"].get("raw_max"),
            }
            figures["all"].append(figure)
            figures[said["object"]["stride"]].append(figure)
        for group in ("all", *STRIDES):
            rows.append([method, group, *summary(figures[group])])
        if method == METHODS[0]:
            default = figures["all"]
    head = ["method", "stride", "maps", "hit, detected box", "hit, true box"]
    table([*head, "energy_in_box", "other_energy", "zero_cam", "faint"], rows)
    list_misses(default)
    return min(mean(default, key) for key in ("detected", "true")) >= LEAST_HIT


def is_faint(statistics):
    """Nearly all of the map is negative: what is left of it after ReLU is what stands out of nothing."""
    return statistics["zero_cam"] or 0 <= statistics["raw_max"] < -FAINT * statistics["raw_min"]


def list_misses(figures):
    """Of which signs the default method points beside the box."""
    rows = []
    for kind in sorted({figure["kind"] for figure in figures if not figure["detected"]}):
        own = [figure for figure in figures if figure["kind"] == kind]
        missed = [figure for figure in own if not figure["detected"]]
        highest = [float(numpy.median([figure["raw_max"] or 0 for figure in group])) for group in (missed, figures)]
        faint = sum(figure["faint"] for figure in missed)
        rows.append([*kind, f"{len(missed)} of {len(own)}", faint, *(f"{value:.4f}" for value in highest)])
    if rows:
        table(["missed", "stride", "maps", "of them faint", "their median raw_max", "that of all maps"], rows)


def summary(figures):
    true = sum(figure["true"] is not None for figure in figures)
    cells = {key: f"{mean(figures, key):.3f}" for key in ("detected", "true", "energy", "other", "zero", "faint")}
    cells["true"] += f" of {true}"
    return [len(figures), *cells.values()]


def mean(figures, key):
    values = [figure[key] for figure in figures if figure[key] is not None]
    return float(numpy.mean(values)) if values else float("nan")


def control(network, pictures, answers, arguments, folder):
    """Prints how often a network that has learned nothing points into the boxes that the trained one found."""
    painter = data.Painter(data.training_photos(), 5)
    other = detectors(len(NAMES))[network.anchors == 3]
    other.load_state_dict(untrained(network.name, painter, SIZE).detector.state_dict())
    file = folder / f"{network.name}-untrained.torchscript"
    exported(network.name, other, network.configuration, file)
    rows = []
    for picture, said, trained in chosen(network, pictures, answers, arguments.controls):
        row, box = said["object"]["row"], edges(said["object"]["box"])
        options = ["--row", str(row), "--target", str(said["class_index"])]
        answer = run(arguments.gradcam, file, [picture.file], folder, *options)[0]
        heat = answer["predictions"][0]["heat"]
        truth = true_box(picture, said["class_index"], box)
        hits = [points_into(place, each) for place in (box, truth) for each in (trained, heat)]
        rows.append([said["object"]["stride"], *hits, heat["statistics"]["zero_cam"]])
    head = ["stride", "maps", "hit, detected box: trained", "untrained", "hit, true box: trained", "untrained"]
    means = {name: (len(group), numpy.mean(group, 0)[1:]) for name, group in by_stride(rows)}
    table(
        [*head, "zero_cam, untrained"],
        [[name, count, *(f"{value:.2f}" for value in values)] for name, (count, values) in means.items()],
    )


def by_stride(rows):
    groups = [("all", rows)] + [(stride, [row for row in rows if row[0] == stride]) for stride in STRIDES]
    return [(name, group) for name, group in groups if group]


def chosen(network, pictures, answers, count):
    """Detections that are right, of every stride in turns."""
    groups = {stride: [] for stride in STRIDES}
    for picture, said, heat in judged_maps(pictures, answers):
        if true_box(picture, said["class_index"], edges(said["object"]["box"])) is not None:
            stride = stride_of_row(said["object"]["row"], SIZE, network.anchors)
            groups[stride].append((picture, said, heat))
    turns = itertools.chain(*itertools.zip_longest(*groups.values()))
    return [case for case in turns if case is not None][:count]


def table(head, rows):
    print("| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    print(flush=True)


if __name__ == "__main__":
    main()
