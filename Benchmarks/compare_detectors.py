#!/usr/bin/env python3
"""Compares gradcam's raw maps of exported YOLO detectors with those of the same networks in Python, by definition.

Needs an environment with the packages ultralytics and yolov5 (AGPL-3.0; no part of gradcamd, see tools/EXPORT_YOLO.md):

    Benchmarks/compare_detectors.py --python-environment /path/to/venv
    Benchmarks/compare_detectors.py --python-environment /path/to/venv --torchscript    # Python instead of gradcam

The weights are random and seeded (yolo_networks.py): what is compared is arithmetic, not what a network has learned.
"""

import argparse
import importlib.util
import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SIZE = 320
STRIDES = (8, 16, 32)
ROWS_OF_A_LEVEL = 2
METHODS = ("gradcam", "hirescam", "layercam")
# Of the largest absolute value of the map by definition.
TOLERANCE = 1e-3
NOTES = """
"relative" is the largest difference over the largest absolute value of the map by definition, the worst of the level's
rows. The definition computes in float64 on the network before its batch norms are folded.
Target: the class logit of the row; for the anchor-based yolov5n log(objectness) + log(class probability).
Cells with a gradient: at the head's inputs P3, P4, P5. Expected: 1 of the own level where the head is one 1 x 1
convolution (yolov5n), 5 x 5 cut by the edge where it has two 3 x 3 convolutions, none at a deeper level, some at a
shallower one.
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gradcam", default=ROOT / ".build/release/gradcam", help="the command (%(default)s)")
    parser.add_argument("--python-environment", type=Path, help="a virtual environment with ultralytics and yolov5")
    parser.add_argument("--torchscript", action="store_true", help="explain the files in Python: tests this program")
    parser.add_argument("--family", action="append", help="only this one; repeatable")
    arguments = parser.parse_args()
    if arguments.python_environment and Path(sys.prefix).resolve() != arguments.python_environment.resolve():
        python = arguments.python_environment / "bin/python"
        if not python.exists():
            sys.exit(f"compare_detectors: there is no {python}: make it with python3 -m venv")
        os.execv(python, [python, *sys.argv])
    if not arguments.torchscript and not Path(arguments.gradcam).exists():
        sys.exit(f"compare_detectors: there is no {arguments.gradcam}: run 'swift build -c release', or name another")
    for package in ("ultralytics", "yolov5"):
        if importlib.util.find_spec(package) is None:
            sys.exit(f"compare_detectors: {sys.prefix} has no {package}: see tools/EXPORT_YOLO.md")
    warnings.simplefilter("ignore")
    compare(arguments)


def compare(arguments):
    import numpy

    import yolo_networks

    x = yolo_networks.pictures(1, SIZE, seed=100)
    failed = maps = 0
    print(f"{'family':10}{'level':6}{'layer':10}{'method':10}{'relative':>9}")
    support = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        numpy.save(folder / "x.npy", x.numpy())
        for family in arguments.family or FAMILIES:
            network, file = FAMILIES[family](folder / f"{family}.torchscript")
            layers = head_inputs(network)
            network, exact = network.double(), x.double()
            if arguments.torchscript:
                explain = in_python(family, file, x)
            else:
                explain = by_command(arguments.gradcam, file, folder)
            rows = kept_rows(network, exact, family)
            for level, level_rows in enumerate(rows):
                explained = [layers[level]]
                if family == "yolov5n":  # a single cell has gradient there: one block upstream there are more
                    explained.append(layers[level] - 1)
                worst = {}
                for row, label in level_rows:
                    activations, gradients, cells = definition(network, exact, family, row, label, layers, explained)
                    support.append((family, level, row, label, cells, expected_cells(family, level, row)))
                    for layer, activation, gradient in zip(explained, activations, gradients):
                        for method in METHODS:
                            theirs = class_activation_map(method, activation, gradient)
                            ours = explain(f"model.{layer}", method, row, label)
                            relative = float((ours.double() - theirs).abs().max() / theirs.abs().max())
                            worst[layer, method] = max(worst.get((layer, method), 0), relative)
                            maps += 1
                for (layer, method), relative in worst.items():
                    agrees = relative <= TOLERANCE  # not a number does not
                    failed += not agrees
                    verdict = "" if agrees else "  differs"
                    print(f"{family:10}P{level + 3:<5}model.{layer:<4}{method:10}{relative:9.1e}{verdict}", flush=True)

    print(f"\n{'family':10}{'level':6}{'row':>5}{'class':>6}{'P3':>8}{'P4':>6}{'P5':>6}  expected")
    for family, level, row, label, cells, expected in support:
        agrees = all(count > 0 if wanted is None else count == wanted for count, wanted in zip(cells, expected))
        failed += not agrees
        wanted = " ".join("some" if count is None else str(count) for count in expected)
        verdict = "" if agrees else "  differs"
        print(f"{family:10}P{level + 3:<5}{row:5}{label:6}{cells[0]:8}{cells[1]:6}{cells[2]:6}  {wanted}{verdict}")
    print(NOTES)
    print(f"{maps} maps compared")
    if failed:
        sys.exit(f"compare_detectors: {failed} lines differ (maps: by more than {TOLERANCE:g})")


# ---- networks ----------------------------------------------------------------------------------------------------


def anchor_based(file):
    import yolo_networks

    network = yolo_networks.yolov5_network(SIZE)
    return network, yolo_networks.export_yolov5(network, file, SIZE)


def of_ultralytics(yaml):
    def make(file):
        import yolo_networks

        yolo = yolo_networks.ultralytics_network(yaml, SIZE)
        return yolo.model, yolo_networks.export_ultralytics(yolo, file, imgsz=SIZE)

    return make


FAMILIES = {
    "yolov5n": anchor_based,
    "yolov5nu": of_ultralytics("yolov5n.yaml"),
    "yolov8n": of_ultralytics("yolov8n.yaml"),
    "yolo11n": of_ultralytics("yolo11n.yaml"),
}


def head_inputs(network):
    """The indices of the three modules whose outputs the head takes."""
    return list(network.model[-1].f)


# ---- by definition -----------------------------------------------------------------------------------------------


def logits(network, x, family):
    """(decoded boxes as x, y, width, height; class logits; objectness logits or None), each rows x …"""
    import torch

    decoded, raw = network(x)
    if family == "yolov5n":
        flat = torch.cat([level.flatten(1, 3) for level in raw], 1)[0]  # anchor, row, column: the file's order
        return decoded[0, :, :4], flat[:, 5:], flat[:, 4]
    return decoded[0, :4].T, raw["scores"][0].T, None


def kept_rows(network, x, family):
    """For each level some rows that survive suppression, with their best class: the most probable ones."""
    import torch
    from torchvision.ops import box_convert, nms

    with torch.no_grad():
        boxes, classes, objectness = logits(network, x, family)
        scores, labels = classes.sigmoid().max(1)
        if objectness is not None:
            scores = scores * objectness.sigmoid()
    kept = nms(box_convert(boxes, "cxcywh", "xyxy"), scores, 0.7).tolist()
    result = [[], [], []]
    for row in kept:
        level = level_of(row, family)
        if len(result[level]) < ROWS_OF_A_LEVEL and scores[row] > 0.25:
            result[level].append((row, int(labels[row])))
    if not all(result):
        sys.exit(f"compare_detectors: {family} finds nothing on one of its levels")
    return result


def grids(family):
    return [(SIZE // stride) ** 2 * (3 if family == "yolov5n" else 1) for stride in STRIDES]


def level_of(row, family):
    rows = grids(family)
    return 0 if row < rows[0] else 1 if row < rows[0] + rows[1] else 2


def definition(network, x, family, row, label, layers, explained):
    """Activations and gradients of the explained layers, and the cells with gradient at each of the head's inputs."""
    import torch

    outputs = {}
    watched = [*dict.fromkeys([*layers, *explained])]
    hooks = [
        network.model[layer].register_forward_hook(lambda _, __, output, layer=layer: outputs.update({layer: output}))
        for layer in watched
    ]
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    _, classes, objectness = logits(network, x.clone().requires_grad_(True), family)
    for hook in hooks:
        hook.remove()
    target = classes[row, label]
    if objectness is not None:
        target = torch.nn.functional.logsigmoid(objectness[row]) + torch.nn.functional.logsigmoid(target)
    gradients = torch.autograd.grad(target, [outputs[layer] for layer in watched], allow_unused=True)
    gradients = dict(zip(watched, gradients))
    cells = [0 if gradients[layer] is None else int((gradients[layer][0] != 0).any(0).sum()) for layer in layers]
    return [outputs[layer][0].detach() for layer in explained], [gradients[layer][0] for layer in explained], cells


def class_activation_map(method, activation, gradient):
    if method == "gradcam":
        gradient = gradient.mean((1, 2), keepdim=True)
    elif method == "layercam":
        gradient = gradient.clamp_min(0)
    return (gradient * activation).sum(0)


def expected_cells(family, level, row):
    side = SIZE // STRIDES[level]
    cell = (row - sum(grids(family)[:level])) % side**2
    own = 1
    if family != "yolov5n":
        for position in divmod(cell, side):
            own *= min(position + 2, side - 1) - max(position - 2, 0) + 1
    return [None] * level + [own] + [0] * (2 - level)


# ---- what is compared with it ------------------------------------------------------------------------------------


def by_command(gradcam, model, folder):
    import numpy
    import torch

    def explain(layer, method, row, label):
        output = folder / "map.npy"
        command = [gradcam, "explain", "--tensor", folder / "x.npy", "--model", model, "--layer", layer]
        command += ["--method", method, "--row", str(row), "--target", str(label)]
        command += ["--save-heatmap", output, "--force"]
        result = subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if result.returncode != 0:
            sys.exit(f"compare_detectors: {gradcam} failed: {result.stderr.strip()}")
        return torch.from_numpy(numpy.load(output)).squeeze()

    return explain


def in_python(family, model, x):
    """The file itself, with the layer's output as another output of its graph."""
    import torch

    module = torch.jit.load(str(model)).eval()

    def explain(layer, method, row, label):
        run = with_output(module, layer)
        with torch.jit.optimized_execution(False):
            output, activation = run(module._c, x.clone().requires_grad_(True))
            rows = output[0][0] if family == "yolov5n" else output[0].T
            if family == "yolov5n":
                target = rows[row, 4].log() + rows[row, 5 + label].log()
            else:
                target = rows[row, 4 + label].logit()
            gradient = torch.autograd.grad(target, activation)[0][0]
        return class_activation_map(method, activation[0].detach(), gradient)

    return explain


def with_output(module, layer):
    import torch

    graph = module.graph.copy()
    for node in graph.findAllNodes("prim::CallMethod"):
        path, value = [], next(node.inputs())
        while value.node().kind() == "prim::GetAttr":
            path.insert(0, value.node().s("name"))
            value = next(value.node().inputs())
        if ".".join(path) == layer:
            graph.registerOutput(node.output())
            graph.makeMultiOutputIntoTuple()
            return torch._C._create_function_from_graph("explained", graph)
    sys.exit(f"compare_detectors: {module.original_name} has no {layer}")


if __name__ == "__main__":
    main()
