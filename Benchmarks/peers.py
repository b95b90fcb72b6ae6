"""Class activation maps by other libraries, as raw as each of them gives them.

Every function takes (network, layer, x, target class) and returns h x w, not normalised; torchcam's have passed a ReLU.
"""

import pytorch_grad_cam
import torch
import torchcam.methods
from captum.attr import LayerGradCam, LayerGradientXActivation
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget


def captum_grad_cam(network, layer, x, target):
    explainer = LayerGradCam(network, network.get_submodule(layer))
    return explainer.attribute(x, target=target, relu_attributions=False)[0, 0].detach()


def captum_gradient_times_activation(network, layer, x, target):
    """Summed over the channels this is HiResCAM."""
    explainer = LayerGradientXActivation(network, network.get_submodule(layer))
    return explainer.attribute(x, target=target)[0].sum(0).detach()


def pytorch_grad_cam_map(method):
    def explain(network, layer, x, target):
        module, targets = network.get_submodule(layer), [ClassifierOutputTarget(target)]
        with method(model=network, target_layers=[module]) as explainer:
            explainer(x, targets)
            hooked = explainer.activations_and_grads
            gradient = hooked.gradients[0].numpy() if hooked.gradients else None
            map = explainer.get_cam_image(x, module, targets, hooked.activations[0].numpy(), gradient, False)
        return torch.as_tensor(map[0])

    return explain


def torchcam_map(method):
    def explain(network, layer, x, target):
        with method(network, target_layer=layer) as explainer:
            return explainer(target, network(x), normalized=False)[0][0].detach()

    return explain


PEERS = {
    "gradcam": {
        "captum": captum_grad_cam,
        "pytorch-grad-cam": pytorch_grad_cam_map(pytorch_grad_cam.GradCAM),
        "torchcam": torchcam_map(torchcam.methods.GradCAM),
    },
    "hirescam": {
        "captum": captum_gradient_times_activation,
        "pytorch-grad-cam": pytorch_grad_cam_map(pytorch_grad_cam.HiResCAM),
    },
    "layercam": {
        "pytorch-grad-cam": pytorch_grad_cam_map(pytorch_grad_cam.LayerCAM),
        "torchcam": torchcam_map(torchcam.methods.LayerCAM),
    },
    "xgradcam": {
        "pytorch-grad-cam": pytorch_grad_cam_map(pytorch_grad_cam.XGradCAM),
        "torchcam": torchcam_map(torchcam.methods.XGradCAM),
    },
    "gradcam++": {
        "pytorch-grad-cam": pytorch_grad_cam_map(pytorch_grad_cam.GradCAMPlusPlus),
    },
    "eigencam": {
        "pytorch-grad-cam": pytorch_grad_cam_map(pytorch_grad_cam.EigenCAM),
    },
}
