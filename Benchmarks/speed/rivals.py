# SPDX-License-Identifier: Apache-2.0
"""What people use instead: other libraries' Grad-CAM on the eager network, as their best users would write it.

The model is loaded once and in eval mode, each library's object is made once, its hooks stay. Weights before the
explained layer need no gradient, so that no backward pass goes further than it must; "-documented" is the library's own
example, in which they do. Captum's target is chosen inside of its own forward pass; else it would take two.

Every explainer takes the input and returns what was found: class, score, and h x w of heat after ReLU, 0 to 1. Those of
a detector return a list of that with boxes.
"""

import numpy
import torch
from networks import NETWORKS, torchvision


def make(name: str, network_name: str, network: torch.nn.Module, boxes: int = 16):
    measured = NETWORKS[network_name]
    if not name.endswith("-documented"):
        only_behind(network, measured.layers)
    if measured.is_detector:
        from detector_rival import Detections

        return Detections(network, boxes)
    return CLASSIFIERS[name](network, network.get_submodule(measured.layers[0]))


def only_behind(network: torch.nn.Module, layers: tuple[str, ...]) -> None:
    """Gradients from the explained layers on: their own weights are the first that take part."""
    network.requires_grad_(False)
    for layer in layers:
        network.get_submodule(layer).requires_grad_(True)


class PytorchGradCAM:
    def __init__(self, network, layer):
        torchvision()  # It imports that.
        import pytorch_grad_cam

        self.explainer = pytorch_grad_cam.GradCAM(model=network, target_layers=[layer])

    def __call__(self, x):
        heat = self.explainer(input_tensor=x, targets=None)[0]
        score, label = self.explainer.outputs.detach()[0].softmax(0).max(0)
        return int(label), float(score), heat


class Torchcam:
    def __init__(self, network, layer):
        import torchcam.methods

        self.network = network
        self.explainer = torchcam.methods.GradCAM(network, target_layer=layer)

    def __call__(self, x):
        output = self.network(x)
        score, label = output.detach()[0].softmax(0).max(0)
        heat = self.explainer(int(label), output)[0][0]
        return int(label), float(score), heat.numpy()


class Captum:
    def __init__(self, network, layer):
        from captum.attr import LayerGradCam

        self.network = network
        self.explainer = LayerGradCam(self.best, layer)

    def best(self, x):
        self.output = self.network(x)
        return self.output.amax(1)

    def __call__(self, x):
        heat = self.explainer.attribute(x, relu_attributions=True)[0, 0].detach()
        score, label = self.output.detach()[0].softmax(0).max(0)
        return int(label), float(score), normalized(heat.numpy())


def normalized(heat: numpy.ndarray) -> numpy.ndarray:
    low, high = heat.min(), heat.max()
    return (heat - low) / (high - low) if high > low else numpy.zeros_like(heat)


CLASSIFIERS = {
    "torchcam": Torchcam,
    "captum": Captum,
    "pytorch-grad-cam": PytorchGradCAM,
    "pytorch-grad-cam-documented": PytorchGradCAM,
}
DETECTORS = ("hooks",)
