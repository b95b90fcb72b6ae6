#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a further box costs: one backward pass for each box, or all of them in one batch?

    .build-python-bench/bin/python Benchmarks/box_gradients.py [EXPORT.torchscript ...]

On the eager networks of `tools/signdet` three ways to get the gradients of several boxes at the inputs of the head:

    shared    one forward pass, and for each box a backward pass from its own level's part of the logits
    batched   the head once more on a batch of as many copies of its inputs, and one backward pass from all boxes
    own       as batched, but for each level a batch of its own boxes alone
    whole     as shared, but from the tensor that holds the logits of all levels

On exports what `gradcam-worker` reports: it does "shared", makes the maps and counts their statistics. It draws nothing
here.
"""

import argparse
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy
import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tools/signdet"))

import weights
import yolo_networks
from network import detectors
from signs import NAMES

SIZE = 320
BOXES = (1, 4, 16)
# So low that the untrained exports find enough.
CONFIDENCE = 0.05


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exports", nargs="*", type=Path, help="TorchScript files of detectors")
    parser.add_argument("--weights", default=ROOT / "tools/signdet/signdet.pt", help="(%(default)s)")
    parser.add_argument("--worker", default=ROOT / ".build/release/gradcam-worker", help="(%(default)s)")
    parser.add_argument("--rounds", type=int, default=60)
    arguments = parser.parse_args()
    if arguments.exports and not Path(arguments.worker).exists():
        sys.exit(f"box_gradients: there is no {arguments.worker}: run 'swift build -c release', or name another")
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    rounds = f"{arguments.rounds} interleaved rounds, medians; in brackets: over the plain pass"
    print(f"torch {torch.__version__}, one thread, {rounds}\n")
    networks = detectors(len(NAMES))
    weights.load(arguments.weights, *networks)
    for name, network in zip(("anchor-free", "anchors"), networks):
        report(f"signdet, {name}, eager, {SIZE} x {SIZE}", measured(eager_ways(network), arguments.rounds))
    for file in arguments.exports:
        report_export(file, arguments)


def report(title, milliseconds):
    plain = statistics.median(milliseconds.pop("plain"))
    print(f"{title}: plain forward pass {plain:.1f} ms\n")
    ways = list(dict.fromkeys(way for way, _ in milliseconds))
    print("| boxes | " + " | ".join(f"{way}, ms" for way in ways) + " |\n|" + "---|" * (len(ways) + 1))
    for count in BOXES:
        medians = [statistics.median(milliseconds[way, count]) for way in ways]
        print(f"| {count} | " + " | ".join(f"{median:.1f} ({median / plain:.2f})" for median in medians) + " |")
    for way in ways:
        print(f"{'' if way != ways[0] else chr(10)}{way}: {slope(milliseconds, way):.2f} ms for each further box")
    print(flush=True)


def slope(milliseconds, way):
    first, last = (statistics.median(milliseconds[way, count]) for count in (BOXES[0], BOXES[-1]))
    return (last - first) / (BOXES[-1] - BOXES[0])


def measured(ways, rounds):
    """Milliseconds of every way, round by round, by its name."""
    for way in ways.values():
        way()
    milliseconds = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            milliseconds[name].append((time.perf_counter() - start) * 1000)
    return milliseconds


# The eager networks


def eager_ways(network):
    network.eval().requires_grad_(False)
    x = yolo_networks.pictures(1, SIZE, seed=3)
    ways = {"plain": lambda: plain(network, x)}
    for count in BOXES:
        boxes = some_boxes(network, x, count)
        check(network, x, boxes)
        for name, way in WAYS.items():
            ways[name, count] = lambda way=way, boxes=boxes: way(network, x, boxes)
    return ways


def plain(network, x):
    with torch.no_grad():
        return network(x)


def parts(network, features):
    """What each level's last convolution returns: the logits, for the anchors with the boxes between them."""
    head = network.head
    return [convolve(feature) for convolve, feature in zip(getattr(head, "classes", None) or head.outputs, features)]


def some_boxes(network, x, count):
    """Level and element of the highest logits, of every level in turns."""
    with torch.no_grad():
        best = [part.flatten().topk(count).indices.tolist() for part in parts(network, network.pyramid(x))]
    turns = itertools.chain(*zip(*([(level, element) for element in own] for level, own in enumerate(best))))
    return list(turns)[:count]


def shared(network, x, boxes):
    features = leaves(network, x)
    logits = parts(network, features)
    return [
        torch.autograd.grad(logits[level].flatten()[element], features, retain_graph=True, allow_unused=True)[level]
        for level, element in boxes
    ]


def whole(network, x, boxes):
    features = leaves(network, x)
    logits = parts(network, features)
    starts = list(itertools.accumulate([0] + [part.numel() for part in logits]))
    logits = torch.cat([part.flatten() for part in logits])
    return [
        torch.autograd.grad(logits[starts[level] + element], features, retain_graph=True, allow_unused=True)[level]
        for level, element in boxes
    ]


def batched(network, x, boxes):
    copies = copied(network, x, [len(boxes)] * 3)
    logits = parts(network, copies)
    total = sum(logits[level][index].flatten()[element] for index, (level, element) in enumerate(boxes))
    gradients = torch.autograd.grad(total, copies, allow_unused=True)
    return [gradients[level][index : index + 1] for index, (level, _) in enumerate(boxes)]


def own(network, x, boxes):
    of_level = [[element for at, element in boxes if at == level] for level in range(3)]
    copies = copied(network, x, [len(elements) for elements in of_level])
    logits = parts(network, copies)
    total = sum(
        part[index].flatten()[element]
        for part, elements in zip(logits, of_level)
        for index, element in enumerate(elements)
    )
    gradients = torch.autograd.grad(total, copies, allow_unused=True)
    places = [iter(gradient if gradient is not None else ()) for gradient in gradients]
    return [next(places[level])[None] for level, _ in boxes]


def copied(network, x, counts):
    """So many copies of each level's input, after the pass in which the boxes were found."""
    features = leaves(network, x)
    with torch.no_grad():
        parts(network, features)
    return [
        feature.detach().repeat(count, 1, 1, 1).requires_grad_(True) for feature, count in zip(features, counts)
    ]


def leaves(network, x):
    """The whole forward pass, as every way needs it to find its boxes; the inputs of the head anew as leaves."""
    with torch.no_grad():
        features = network.pyramid(x)
        boxes_of(network.head, features)
    return [feature.detach().requires_grad_(True) for feature in features]


def boxes_of(head, features):
    """The branch of the boxes, which leads to no logit. The anchors have none."""
    return [branch(feature) for branch, feature in zip(getattr(head, "boxes", ()), features)]


WAYS = {"shared": shared, "batched": batched, "own": own, "whole": whole}


def check(network, x, boxes):
    for other in (batched, own, whole):
        for one, two in zip(shared(network, x, boxes), other(network, x, boxes)):
            torch.testing.assert_close(one, two, rtol=1e-4, atol=1e-6)


# Exports


def report_export(file, arguments):
    with tempfile.TemporaryDirectory() as temporary, Worker(arguments.worker, file) as worker:
        x = yolo_networks.pictures(1, worker.side, seed=100)
        tensor = Path(temporary) / "x.npy"
        numpy.save(tensor, x.numpy())
        module, laid_out = frozen(file), x.contiguous(memory_format=torch.channels_last)
        ways = {"plain": lambda: plain(module, laid_out)}
        for count in BOXES:
            ways["worker", count] = lambda count=count: worker.explain(tensor, count)
        milliseconds = statistics.median(measured(ways, arguments.rounds)["plain"])
    print(f"{file.name}, {worker.side} x {worker.side}: plain, frozen, channels last: {milliseconds:.1f} ms\n")
    print("| boxes | forward, ms | explain, ms | both over the plain pass |\n|---|---|---|---|")
    explain = {}
    for count in BOXES:
        reported = worker.reported[count][1:]
        forward, explain[count] = (statistics.median(row[key] for row in reported) for key in ("forward", "explain"))
        both = (forward + explain[count]) / milliseconds
        print(f"| {count} | {forward:.1f} | {explain[count]:.1f} | {both:.2f} |")
    further = (explain[BOXES[-1]] - explain[BOXES[0]]) / (BOXES[-1] - BOXES[0])
    print(f"\n{further:.2f} ms for each further box, {further / forward:.2f} of its own forward pass\n", flush=True)


def frozen(file):
    module = torch.jit.load(str(file)).eval()
    for parameter in module.parameters():
        if parameter.dim() == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return torch.jit.freeze(module)


class Worker:
    """gradcam-worker with one model, asked line by line."""

    def __init__(self, program, model):
        command = [program, "--model", model, "--threads", "1"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.reported = {count: [] for count in BOXES}
        self.side = self.answer()["model"]["input"][3]

    def answer(self):
        answer = json.loads(self.process.stdout.readline())
        if answer.get("kind") not in ("ready", "explained"):
            sys.exit(f"box_gradients: the worker says {answer}")
        return answer

    def explain(self, tensor, count):
        request = {"tensor": str(tensor), "detections": {"explained": count, "confidence": CONFIDENCE}}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        explanation = self.answer()["explanation"]
        explained = sum("heat" in said for said in explanation["predictions"])
        if explained != count:
            sys.exit(f"box_gradients: {explained} boxes were explained, not {count}")
        self.reported[count].append(explanation["milliseconds"])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


if __name__ == "__main__":
    main()
