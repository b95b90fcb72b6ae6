#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which method and which layers explain a detection best? Measured on the two detectors of `tools/signdet`.

Several signs stand on each picture. Every detection that matches a true box (IoU >= 0.5) is explained by every method
on every set of layers, by the trained network and, as a control, by an untrained one with the same row and class.

    Benchmarks/detector_methods.py anchor-free --weights signdet.pt --photos PHOTOS/*.jpg --output anchor-free.json
    Benchmarks/detector_methods.py anchors     --weights signdet.pt --photos PHOTOS/*.jpg --output anchors.json
    Benchmarks/detector_tables.py anchor-free.json anchors.json
"""

import argparse
import collections
import itertools
import json
import sys
import time
from pathlib import Path

import cv2
import numpy
import scipy.stats
import torch

sys.path.append(str(Path(__file__).resolve().parents[1] / "tools/signdet"))

import data
from detector_maps import LEVELS, METHODS, control_maps, enlarged, fused, layer_maps, layer_sets
from detector_networks import load, tensor, untrained
from losses import overlap

SIZE = 320
# Shares of the pixels that are removed or inserted, the most important ones first. Each is twice the one before, for
# the objects' areas differ by a factor of 250.
SHARES = [2.0**-exponent for exponent in range(10, 0, -1)]
GREY = 114
BLUR = 25
# Where ranks of two maps are compared.
RANK_GRID = 80


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", choices=["anchor-free", "anchors"])
    parser.add_argument("--weights", required=True)
    parser.add_argument("--photos", nargs="+", required=True, help="photographs that were not trained on")
    parser.add_argument("--output", required=True, help="JSON for detector_tables.py")
    parser.add_argument("--pictures", type=int, default=100)
    parser.add_argument("--judged", type=int, default=20, help="detections of each level for insertion and deletion")
    parser.add_argument("--twins", type=int, default=8, help="pictures with two identical signs, for each size")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()

    torch.set_num_threads(arguments.threads)
    photos = data.read_photos(arguments.photos)
    networks = {
        "trained": load(arguments.weights, arguments.network, SIZE),
        "untrained": untrained(arguments.network, data.Painter(data.training_photos(), 5), SIZE),
    }
    result = {"network": arguments.network, "arguments": vars(arguments)}
    started = time.monotonic()
    cases = found_signs(networks["trained"], data.Painter(photos, arguments.seed), arguments.pictures)
    result["detections"] = len(cases)
    result["levels"] = {str(level): sum(case.level == level for case in cases) for level in LEVELS}
    result["chance"] = float(numpy.mean([area(case.box) / SIZE**2 for case in cases]))
    result["location"] = location(networks, cases)
    say("location", started)
    result["twins"] = twins(networks["trained"], photos, arguments.seed, arguments.twins)
    say("twins", started)
    write(result, arguments.output)

    def save(curves):
        result["faithfulness"] = curves
        write(result, arguments.output)

    faithfulness(networks, judged(cases, arguments.judged), arguments.seed, save)
    say("faithfulness", started)


def say(part, started):
    print(f"{part} after {time.monotonic() - started:.0f} s", flush=True)


def write(result, path):
    with open(path, "w") as file:
        json.dump(result, file)


# Detections

Case = collections.namedtuple("Case", "image box label row level true_box boxes labels")
"""A detection that is right: its own true box, and all true boxes of its picture."""


def found_signs(network, painter, pictures):
    cases = []
    for _ in range(pictures):
        image, boxes, labels = painter.sample(SIZE, most_signs=6)
        for found in network.detect(image):
            label, row = int(found[5]), int(found[6])
            if not len(boxes):
                continue
            iou = overlap(found[None, :4], torch.from_numpy(boxes)) * torch.from_numpy(labels == label)
            if iou.max() >= 0.5:
                true_box = boxes[int(iou.argmax())]
                cases.append(Case(image, found[:4], label, row, network.level(row), true_box, boxes, labels))
    return cases


def judged(cases, count):
    """The same number of detections of every level, in turns."""
    by_level = [[case for case in cases if case.level == level][:count] for level in LEVELS]
    return [case for turn in itertools.zip_longest(*by_level) for case in turn if case is not None]


def area(box):
    return float((box[2] - box[0]) * (box[3] - box[1]))


# Maps


def all_maps(network, layers, case):
    """Every map of a case, by method and set of layers, on the pixels of the input."""
    of_layer = {}
    for name, (activation, gradient) in layers(case.row, case.label).items():
        of_layer[name] = {
            method: enlarged(cells, SIZE)
            for method, cells in layer_maps(activation, gradient, network.grey[name], case.box, SIZE).items()
        }
    for set_name, names in layer_sets(of_layer, case.level).items():
        for method in METHODS:
            yield (method, set_name), fused([of_layer[name][method] for name in names])


def inside(box, size=SIZE, grown=1.0):
    """A mask of the pixels in a box, which may be grown about its centre."""
    centre, half = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]) / 2 * grown
    left, top = numpy.maximum(numpy.floor(centre - half).astype(int), 0)
    right, bottom = numpy.ceil(centre + half).astype(int)
    mask = numpy.zeros((size, size), bool)
    mask[top:bottom, left:right] = True
    return mask


# Location: where the heat lies


def location(networks, cases):
    """For each kind of map the figures of all cases, trained and untrained."""
    figures = {}
    random = numpy.random.default_rng(7)
    last_image, layers = None, {}
    for case in cases:
        if case.image is not last_image:
            layers = {name: network.explain(case.image) for name, network in networks.items()}
            last_image = case.image
        places = Places(case)
        maps = {name: dict(all_maps(network, layers[name], case)) for name, network in networks.items()}
        for key in maps["trained"]:
            entry = figures.setdefault("|".join(key), {"trained": [], "untrained": [], "same": [], "same_near": []})
            ranks = [cv2.resize(maps[name][key], (RANK_GRID, RANK_GRID), interpolation=cv2.INTER_AREA) for name in maps]
            entry["same"].append(correlation(ranks[0].ravel(), ranks[1].ravel()))
            entry["same_near"].append(correlation(ranks[0][places.near], ranks[1][places.near]))
            for name in networks:
                entry[name].append([case.level] + places.figures(maps[name][key]))
        for key, control in control_maps(case.box, SIZE, random).items():
            entry = figures.setdefault("|".join(key), {"trained": [], "untrained": [], "same": [], "same_near": []})
            entry["trained"].append([case.level] + places.figures(control))
    return figures


class Places:
    """The pixels of a case that heat is counted in."""

    def __init__(self, case):
        self.own = inside(case.true_box)
        self.same_class = numpy.any([inside(box) for box in case.boxes[case.labels == case.label]], 0)
        self.all = numpy.any([inside(box) for box in case.boxes], 0)
        self.near = inside(case.true_box * (RANK_GRID / SIZE), RANK_GRID, grown=2)

    def figures(self, heat):
        """Own hit, class hit, energy in the own box, energy in other boxes, zero; None where there is no heat."""
        total = float(heat.sum())
        if total <= 0:
            return [0, 0, None, None, 1]
        peak = numpy.unravel_index(heat.argmax(), heat.shape)
        own, boxes = float(heat[self.own].sum()), float(heat[self.all].sum())
        other = 1 - own / boxes if boxes > 0 else None
        return [int(self.own[peak]), int(self.same_class[peak]), own / total, other, 0]


def correlation(first, second):
    """Spearman's, None if one of the maps is constant."""
    if first.min() == first.max() or second.min() == second.max():
        return None
    first, second = scipy.stats.rankdata(first), scipy.stats.rankdata(second)
    return float(numpy.corrcoef(first, second)[0, 1])


# Twins: the same sign twice in one picture


def twins(network, photos, seed, pictures):
    """For each kind of map the share of the heat in both boxes that lies in the own one."""
    shares = {}
    random = numpy.random.default_rng(seed + 1)
    for side in (28, 70, 140):
        for picture in range(pictures):
            painter = data.Painter(photos, seed + 1000 * side + picture)
            image = painter.background(SIZE)
            label = picture % len(painter.signs)
            template = painter.signs[label][0]
            left, top = random.integers(4, 160 - side), random.integers(4, SIZE - side - 4)
            state = painter.random.bit_generator.state
            boxes = []
            for shift in (0, 160):
                painter.random.bit_generator.state = state
                boxes.append(painter.paste(image, template, side, float(left + shift), float(top)))
            boxes = numpy.array(boxes)
            layers = network.explain(image)
            for found in network.detect(image):
                iou = overlap(found[None, :4], torch.from_numpy(boxes))
                if int(found[5]) != label or iou.max() < 0.5:
                    continue
                own = int(iou.argmax())
                row = int(found[6])
                labels = numpy.array([label, label])
                case = Case(image, found[:4], label, row, network.level(row), boxes[own], boxes, labels)
                for key, heat in all_maps(network, layers, case):
                    on_own, on_twin = heat[inside(boxes[own])].sum(), heat[inside(boxes[1 - own])].sum()
                    share = float(on_own / (on_own + on_twin)) if on_own + on_twin > 0 else None
                    shares.setdefault("|".join(key), []).append([case.level, share])
    return shares


# Insertion and deletion (RISE, Petsiuk et al. 2018, arXiv 1806.07421)

# What is judged: each map costs twenty passes of the network.
JUDGED = {
    "Grad-CAM": ["own head input", "own stage", "own class convolution"],
    "HiResCAM": ["own head input", "own concat", "own stage", "stage8", "own concat + own stage"],
    "LayerCAM": ["own head input", "head inputs", "own concat", "concats + stages", "own stage", "stage8"],
    "HiResCAM, mean's sign": ["own stage"],
    "HiResCAM over grey": ["own stage"],
    "Grad-CAM x R": ["own stage", "stage8"],
    "Grad-CAM x sqrt R": ["own stage"],
    "sqrt(Grad-CAM x LayerCAM)": ["own stage"],
    "smoothed gradient, 1 cell": ["own head input", "head inputs", "own concat"],
    "smoothed gradient, 2 cells": ["own head input"],
    "smoothed positive gradient, 1 cell": ["own head input"],
    "R alone": ["head inputs", "own stage", "stage8"],
    "R alone, smoothed, 1 cell": ["own head input"],
    "R alone, smoothed, 2 cells": ["own head input"],
}
JUDGED_UNTRAINED = {
    "Grad-CAM": ["own stage"],
    "HiResCAM": ["own concat", "own stage", "stage8", "own concat + own stage"],
    "LayerCAM": ["head inputs", "own concat", "own stage"],
    "Grad-CAM x R": ["own stage"],
    "smoothed gradient, 1 cell": ["own head input", "own concat"],
    "smoothed gradient, 2 cells": ["own head input"],
    "smoothed positive gradient, 1 cell": ["own head input"],
}


def faithfulness(networks, cases, seed, save):
    """For each kind of map the deletion and insertion curves of all cases, and those of the untrained network's map."""
    curves = {}
    random = numpy.random.default_rng(seed)
    for number, case in enumerate(cases):
        judge = Judge(networks["trained"], case, random.random((SIZE, SIZE)))
        for key, control in control_maps(case.box, SIZE, random).items():
            curves.setdefault("|".join(key), {"trained": [], "untrained": []})["trained"].append(judge.curves(control))
        for (name, network), chosen in zip(networks.items(), (JUDGED, JUDGED_UNTRAINED)):
            for (method, layers), heat in all_maps(network, network.explain(case.image), case):
                if layers in chosen.get(method, []):
                    entry = curves.setdefault(f"{method}|{layers}", {"trained": [], "untrained": []})
                    entry[name].append(judge.curves(heat))
        if number % 6 == 5 or number == len(cases) - 1:
            save(curves)
    return curves


class Judge:
    """Removes and inserts pixels of one picture in the order of a map, and looks at the score of the kept row."""

    def __init__(self, network, case, ties):
        self.network, self.case, self.ties = network, case, ties.ravel()
        self.picture = tensor(case.image)[0]
        self.blurred = tensor(cv2.GaussianBlur(case.image, (0, 0), BLUR))[0]
        self.grey = torch.full_like(self.picture, GREY / 255)
        ends = torch.stack([self.picture, self.grey, self.blurred])
        self.full, self.empty, self.hazy = network.score(ends, case.row, case.label).tolist()

    def curves(self, heat):
        """Level, deletion scores, insertion scores: nothing changed, then SHARES, then everything."""
        order = numpy.lexsort((self.ties, -heat.ravel()))
        images = []
        for share in SHARES:
            mask = torch.zeros(SIZE * SIZE, dtype=torch.bool)
            mask[torch.from_numpy(order[: round(share * SIZE * SIZE)])] = True
            mask = mask.view(SIZE, SIZE)
            images += [torch.where(mask, self.grey, self.picture), torch.where(mask, self.picture, self.blurred)]
        scores = self.network.score(torch.stack(images), self.case.row, self.case.label).tolist()
        deletion = [self.full] + scores[::2] + [self.empty]
        insertion = [self.hazy] + scores[1::2] + [self.full]
        return [self.case.level, deletion, insertion]


if __name__ == "__main__":
    main()
