#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Trains both detectors, which share one pyramid, on pictures that `data.py` draws.

    tools/signdet/train.py again.pt --start tools/signdet/signdet.pt
"""

import argparse
import copy
import math
import time

import numpy
import torch

import data
import losses
import weights
from evaluation import average_precision, detections, stride_of_row
from network import STRIDES, detectors
from signs import NAMES

SIZE, SMALL_SIZE = 320, 256
LEARNING_RATE = 3e-3

class Pictures(torch.utils.data.IterableDataset):
    """Batches of pictures, 0 to 255, with the boxes and classes of each."""

    def __init__(self, size, batch, seed):
        self.size, self.batch, self.seed = size, batch, seed

    def __iter__(self):
        painter = data.Painter(data.training_photos(), self.seed)
        while True:
            yield batch_of(painter, self.size, self.batch)


def batch_of(painter, size, count):
    samples = [painter.sample(size) for _ in range(count)]
    images = torch.from_numpy(numpy.stack([image for image, _, _ in samples]))
    targets = [(torch.from_numpy(boxes), torch.from_numpy(labels)) for _, boxes, labels in samples]
    return images.permute(0, 3, 1, 2).float() / 255, targets


def measure(network, photos, seed, count, anchors, size=SIZE):
    """The average precision by class and threshold, and how many detections above 0.25 come from each stride."""
    painter = data.Painter(photos, seed)
    found, truth, strides = [], [], dict.fromkeys(STRIDES, 0)
    for _ in range(count):
        images, targets = batch_of(painter, size, 1)
        with torch.no_grad():
            output = network(images)
        found.append(detections(output, 0.01, every_class=True))
        truth += targets
        for row in detections(output)[:, 6].int().tolist():
            strides[stride_of_row(row, size, anchors)] += 1
    return average_precision(found, truth, len(NAMES)), strides


def report(anchor_free, anchored, photos, seed, count):
    for name, network, anchors in (("anchor-free", anchor_free, 1), ("anchors", anchored, 3)):
        precision, strides = measure(network, photos, seed, count, anchors)
        line = f"  {name}: mAP50 {numpy.nanmean(precision[:, 0]):.3f}, mAP50-95 {numpy.nanmean(precision):.3f}"
        print(f"{line}, detections by stride {strides}", flush=True)


def optimizer(parameters):
    parameters = list(parameters)
    decayed = [parameter for parameter in parameters if parameter.ndim > 1]
    others = [parameter for parameter in parameters if parameter.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": 0.02}, {"params": others, "weight_decay": 0}]
    return torch.optim.AdamW(groups, betas=(0.9, 0.99))


def follow(average, network, decay):
    """Moves the running average of all weights and statistics on. What is shared is listed twice, but moved once."""
    moved = set()
    with torch.no_grad():
        for mean, value in zip(average.state_dict().values(), network.state_dict().values()):
            if mean.data_ptr() in moved:
                continue
            moved.add(mean.data_ptr())
            if mean.dtype.is_floating_point:
                mean.mul_(decay).add_(value, alpha=1 - decay)
            else:
                mean.copy_(value)


def train(networks, iterations, learning_rate, output):
    """Trains both networks, first on smaller pictures, and saves their running averages to `output`.

    - Parameter networks: a ModuleList of the two detectors. - Returns: the averages.
    """
    averages = copy.deepcopy(networks).eval()
    steps = optimizer(networks.parameters())
    networks.train()
    started, recent = time.monotonic(), []
    for iteration in range(iterations):
        progress = iteration / iterations
        if iteration == 0 or iteration == iterations // 2:
            size, batch = (SMALL_SIZE, 16) if iteration == 0 else (SIZE, 12)
            pictures = Pictures(size, batch, seed=100 + size)
            batches = iter(torch.utils.data.DataLoader(pictures, batch_size=None, num_workers=1, prefetch_factor=6))
        images, targets = next(batches)
        for group in steps.param_groups:
            warm = min(1, (iteration + 1) / 100)
            group["lr"] = learning_rate * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))
        anchor_free, anchored = networks
        features = anchor_free.pyramid(images)
        parts = [
            losses.anchor_free_loss(anchor_free.head, features, targets),
            losses.anchor_loss(anchored.head, features, targets),
        ]
        steps.zero_grad()
        sum(parts).backward()
        torch.nn.utils.clip_grad_norm_(networks.parameters(), 10)
        steps.step()
        follow(averages, networks, decay=min(0.998, (1 + iteration) / (10 + iteration)))
        recent = recent[-49:] + [[float(part) for part in parts]]
        if (iteration + 1) % 20 == 0:
            mean, seconds = numpy.mean(recent, 0), time.monotonic() - started
            print(f"{iteration + 1} after {seconds:.0f} s: losses {mean[0]:.3f} {mean[1]:.3f}", flush=True)
        if (iteration + 1) % 250 == 0:
            weights.save(output, *averages)
            report(*averages, data.training_photos(), seed=8, count=64)
    weights.save(output, *averages)
    return averages


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", help="where the weights are written")
    parser.add_argument("--start", help="weights to begin with, else random ones")
    parser.add_argument("--iterations", type=int, default=1000)
    parser.add_argument("--learning-rate", type=float, default=LEARNING_RATE)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--measure-only", action="store_true", help="measure the weights of --start")
    parser.add_argument("--photos", nargs="*", default=[], help="unseen photographs to measure on")
    arguments = parser.parse_args()

    torch.manual_seed(1)
    torch.set_num_threads(arguments.threads)
    networks = torch.nn.ModuleList(detectors(len(NAMES)))
    if arguments.start:
        weights.load(arguments.start, *networks)
    if not arguments.measure_only:
        networks = train(networks, arguments.iterations, arguments.learning_rate, arguments.output)
    networks.eval()
    report(*networks, data.training_photos(), seed=9, count=200)
    if arguments.photos:
        print("on unseen photographs:")
        report(*networks, data.read_photos(arguments.photos), seed=77, count=300)


if __name__ == "__main__":
    main()
