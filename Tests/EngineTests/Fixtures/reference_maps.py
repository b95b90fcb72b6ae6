"""Raw class activation maps (before ReLU, not normalised) of networks in Python, by captum or by autograd alone."""

import torch
from captum.attr import LayerGradCam, LayerGradientXActivation


def grad_cam(network, layer, x, classes):
    """Selvaraju et al. 2017, arXiv 1610.02391, eq. 1 and 2, by captum. - Returns: N x h x w."""
    explainer = LayerGradCam(network, network.get_submodule(layer))
    return explainer.attribute(x, target=classes, relu_attributions=False)[:, 0].detach()


def hirescam(network, layer, x, classes):
    """Draelos & Carin 2020, arXiv 2011.08891, eq. 3, from captum's gradient times activation."""
    explainer = LayerGradientXActivation(network, network.get_submodule(layer))
    return explainer.attribute(x, target=classes).sum(1).detach()


def layercam(network, layer, x, classes):
    """Jiang et al. 2021 (LayerCAM, IEEE TIP 30), eq. 5 without its outer ReLU, by autograd."""
    activation, gradient = activation_and_gradient(network, layer, x, classes)
    return (gradient.relu() * activation).sum(1)


def token_grad_cam(network, layer, x, classes, grid):
    """Grad-CAM over tokens: the class token, which comes first, has no place in the picture and is left out."""
    activation, gradient = activation_and_gradient(network, layer, x, classes)
    activation, gradient = activation[:, 1:], gradient[:, 1:]
    return (gradient.mean(1, keepdim=True) * activation).sum(2).view(-1, *grid)


def activation_and_gradient(network, layer, x, classes):
    kept = []
    hook = network.get_submodule(layer).register_forward_hook(lambda module, inputs, output: kept.append(output))
    output = network(x)
    hook.remove()
    targets = output[torch.arange(len(x)), classes]
    return kept[0].detach(), torch.autograd.grad(targets.sum(), kept[0])[0]
