"""The detectors of detectors.py as TorchScript, with maps by autograd in Python for a row of every level."""

import json

import torch

import detectors

SIDE = 128
# Rows in the order of the output, all anchors of a level before the next level.
GRIDS = [(SIDE // stride) ** 2 for stride in detectors.STRIDES]


def blurred(gradient):
    """Each channel by a Gaussian with a sigma of one cell, out to four, with zeros around the grid."""
    distance = torch.arange(-4, 5, dtype=gradient.dtype)
    bell = torch.exp(-(distance**2) / 2)
    kernel = bell[:, None] * bell[None, :] / bell.sum() ** 2
    return torch.nn.functional.conv2d(gradient[:, None], kernel[None, None], padding=4)[:, 0]


METHODS = {
    "gradcam": lambda activation, gradient: (gradient.mean((1, 2), keepdim=True) * activation).sum(0),
    "hirescam": lambda activation, gradient: (gradient * activation).sum(0),
    "layercam": lambda activation, gradient: (gradient.relu() * activation).sum(0),
    "local-gradcam": lambda activation, gradient: (blurred(gradient) * activation).sum(0),
}
LAYERS = [f"pyramid.{kind}{stride}" for kind in ("neck", "join") for stride in detectors.STRIDES]


def make(folder):
    torch.manual_seed(0)
    x = torch.rand(1, 3, SIDE, SIDE)
    folder.array("detector.x", x)
    for name, kind in {
        "anchored": detectors.Anchored,
        "anchor-free": detectors.AnchorFree,
        "transposed": detectors.Transposed,
        "end-to-end": detectors.EndToEnd,
        "blocked": detectors.Blocked,
        "masks": detectors.WithMasks,
        "unsigmoided": detectors.Unsigmoided,
    }.items():
        torch.manual_seed(1)
        network = alive(kind().eval(), x)
        export(folder, f"detector-{name}", network, x, task="segment" if name == "masks" else "detect")
        output = network(x)
        folder.array(f"detector-{name}.output", output[0] if isinstance(output, tuple) else output)
        if name in ("anchored", "anchor-free"):
            references(folder, f"detector-{name}", network, x)
        if name == "end-to-end":
            sorted_references(folder, f"detector-{name}", network, x)


def alive(network, x):
    """Scores all over 0...1, where random weights give 0.5 everywhere."""
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, torch.nn.Conv2d):
                module.weight.mul_(2.2)
        logits = network.logits(x)
        heads = network.heads if hasattr(network, "heads") else [branch[-1] for branch in network.classes]
        for head in heads:
            head.weight.div_(logits.std() / 2)
    return network


def export(folder, name, network, x, task):
    configuration = {
        "stride": 32,
        "task": task,
        "imgsz": [SIDE, SIDE],
        "names": {str(index): f"kind {index}" for index in range(detectors.CLASSES)},
        "args": {"dynamic": False, "nms": False},
        "end2end": isinstance(network, detectors.EndToEnd),
    }
    traced = torch.jit.trace(network, x, check_trace=False)
    torch.jit.save(traced, str(folder.path / f"{name}.pt"), _extra_files={"config.txt": json.dumps(configuration)})


def references(folder, name, network, x):
    anchors = getattr(network, "anchors", 1)
    start = 0
    rows = []
    for grid in GRIDS:
        side = int(grid**0.5)
        # The middle cell of the level's first anchor.
        rows.append(start + side // 2 * side + side // 2)
        start += grid * anchors
    labels = [1, 2, 3]
    folder.array(f"{name}.rows", rows)
    folder.array(f"{name}.classes", labels)
    for level, (row, label) in enumerate(zip(rows, labels)):
        write_maps(folder, f"{name}.{level}", network, x, row, label)


def sorted_references(folder, name, network, x):
    """Of the sorted rows the first, and the first of another level."""
    rows, labels, _ = network.sorted(x)
    levels = torch.bucketize(rows, torch.tensor(GRIDS).cumsum(0), right=True)
    chosen = [0, int((levels != levels[0]).nonzero()[0])]
    folder.array(f"{name}.rows", chosen)
    folder.array(f"{name}.levels", levels[chosen])
    folder.array(f"{name}.classes", labels[chosen])
    for index, row in enumerate(chosen):
        write_maps(folder, f"{name}.{index}", network, x, int(rows[row]), int(labels[row]))


def write_maps(folder, name, network, x, row, label):
    """In float64: in float32 some inputs of a sum are as small as its rounding error."""
    network = network.double()
    kept = {}
    hooks = [
        network.get_submodule(layer).register_forward_hook(
            lambda module, inputs, output, layer=layer: kept.__setitem__(layer, output)
        )
        for layer in LAYERS
    ]
    target = network.target(network.logits(x.double()), row, label)
    for hook in hooks:
        hook.remove()
    gradients = torch.autograd.grad(target, list(kept.values()), allow_unused=True)
    for (layer, activation), gradient in zip(kept.items(), gradients):
        gradient = torch.zeros_like(activation) if gradient is None else gradient
        for method, formula in METHODS.items():
            map = formula(activation[0].detach(), gradient[0]).float()
            folder.array(f"{name}.{method}.{layer.removeprefix('pyramid.')}", map)
    network.float()
