#!/usr/bin/env python3
"""Makes the networks, inputs and reference maps of the engine's tests: make_fixtures.py OUTPUT_FOLDER

Arrays are .npy, C order, float32 or int64; inputs are N,C,H,W; maps are N,h,w on the layer's own grid, raw: before
ReLU, not normalised. Seeds are fixed: every run gives the same numbers.
"""

import subprocess
import sys
from pathlib import Path

import numpy
import torch
from torch import nn

TOOLS = Path(__file__).resolve().parents[3] / "tools"
sys.path.insert(0, str(TOOLS))

import classifier_sources
import detector_fixtures
import networks
import reference_maps
import resnet18
import sign_pictures
from export_classifier import DEFAULT_CACHE

METHODS = {
    "gradcam": reference_maps.grad_cam,
    "hirescam": reference_maps.hirescam,
    "layercam": reference_maps.layercam,
}


class Folder:
    def __init__(self, path):
        self.path = Path(path)
        self.path.mkdir(parents=True, exist_ok=True)

    def array(self, name, value):
        numpy.save(self.path / f"{name}.npy", numpy.ascontiguousarray(torch.as_tensor(value).detach().numpy()))

    def traced(self, name, network, x):
        traced = torch.jit.trace(network.eval(), x)
        traced.save(str(self.path / f"{name}.pt"))
        return traced

    def scripted(self, name, network):
        torch.jit.script(network.eval()).save(str(self.path / f"{name}.pt"))


def seeded(make):
    torch.manual_seed(0)
    return make().eval()


def random_input(*shape):
    torch.manual_seed(0)
    return torch.rand(shape)


def one_convolution(folder):
    network = networks.OneConvolution().eval()
    x = torch.arange(16.0).view(1, 1, 4, 4)
    folder.traced("one-conv", network, x)
    folder.array("one-conv.x", x)
    # Worked out on paper; captum, pytorch-grad-cam and torchcam agree.
    expected = {
        "gradcam.conv1": [11.25, 13.5, 20.25, 22.5],
        "gradcam.relu1": [0, 4, 28, 32.5],
        "layercam.conv1": [0, 4, 31, 40],
        "layercam.relu1": [0, 4, 31, 40],
    }
    target = torch.tensor([0])
    for name, values in expected.items():
        method, layer = name.split(".")
        map = METHODS[method](network, layer, x, target)
        assert torch.equal(map.clamp(min=0).flatten(), torch.tensor(values)), (name, map)
        folder.array(f"one-conv.{name}", map)


def resnet(folder):
    network = resnet18.seeded()
    x = random_input(2, 3, 224, 224)
    traced = folder.traced("resnet18", network, x[:1])
    torch.jit.freeze(traced).save(str(folder.path / "resnet18-frozen.pt"))
    folder.scripted("resnet18-scripted", network)
    logits = network(x).detach()
    classes = logits.argmax(1)
    folder.array("resnet18.x", x)
    folder.array("resnet18.logits", logits)
    folder.array("resnet18.class", classes)
    # After layer4 comes the global mean, whose gradient is the same everywhere: there HiResCAM is Grad-CAM. At layer2
    # the methods differ.
    for layer in ("layer4", "layer2"):
        for name, method in METHODS.items():
            folder.array(f"resnet18.{name}.{layer}", method(network, layer, x, classes))


def efficientnet_lite0(folder):
    name = "efficientnet-lite0"
    subprocess.run(
        [sys.executable, TOOLS / "export_classifier.py", "--builtin", name]
        + ["--output", folder.path / f"{name}.torchscript"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    network, card = classifier_sources.builtin(name, DEFAULT_CACHE)
    network.eval()
    torch.manual_seed(0)
    x = torch.randn(1, 3, card.height, card.width)
    classes = network(x).argmax(1)
    folder.array(f"{name}.x", x)
    folder.array(f"{name}.class", classes)
    for method_name, method in METHODS.items():
        folder.array(f"{name}.{method_name}", method(network, card.target_layer, x, classes))


def swish(folder):
    network = seeded(networks.Swish)
    x = random_input(1, 3, 32, 32)
    classes = network(x).argmax(1)
    folder.scripted("swish-scripted", network)
    folder.array("swish.x", x)
    folder.array("swish.class", classes)
    folder.array("swish.gradcam.conv2", reference_maps.grad_cam(network, "conv2", x, classes))


class Logits(nn.Module):
    """A `Probabilities` network up to its logits, or up to what stands in for them."""

    def __init__(self, network, of=lambda logits: logits):
        super().__init__()
        self.network = network
        self.of = of

    def forward(self, x):
        return self.of(self.network.logits(x))


def saturated(network, x, element):
    """Makes logit `element` the largest, so far ahead that its softmax is 1 in float32."""
    with torch.no_grad():
        logits = network.logits(x)[0]
        order = logits.argsort()
        order = torch.cat([order[:element], order[-1:], order[element:-1]])
        network.fc.weight.copy_(network.fc.weight[order] * 1000)
        network.fc.bias.copy_(network.fc.bias[order] * 1000)
        assert torch.softmax(network.logits(x), 1)[0, element] == 1
    return network


def softmax(folder):
    x = random_input(1, 3, 32, 32)
    network = saturated(seeded(lambda: networks.Probabilities(4, networks.Softmax())), x, element=2)
    map = reference_maps.grad_cam(Logits(network), "network.conv1", x, 2)
    folder.traced("softmax", network, x)
    folder.array("softmax.x", x)
    folder.array("softmax.class", [2])
    folder.array("softmax.gradcam", map)

    network.head = networks.SoftmaxViewed()
    element = network(x).argmax(1)
    assert element == 1
    folder.traced("softmax-viewed", network, x)
    folder.array("softmax-viewed.class", element)
    folder.array("softmax-viewed.gradcam", map)

    network = seeded(lambda: networks.Probabilities(4, networks.SoftmaxSliced()))
    folder.traced("softmax-sliced", network, x)
    folder.array("softmax-sliced.x", x)
    folder.array("softmax-sliced.class", [0])
    log_probabilities = Logits(network, of=lambda logits: torch.log_softmax(logits, 1)[:, 1:])
    folder.array("softmax-sliced.gradcam", reference_maps.grad_cam(log_probabilities, "network.conv1", x, 0))


def sigmoid(folder):
    network = seeded(lambda: networks.Probabilities(1, nn.Sigmoid()))
    x = random_input(1, 3, 32, 32)
    folder.traced("sigmoid-binary", network, x)
    folder.array("sigmoid-binary.x", x)
    for name, sign in [("positive", 1), ("negative", -1)]:
        signed = Logits(network, of=lambda logits: sign * logits)
        folder.array(f"sigmoid-binary.gradcam.{name}", reference_maps.grad_cam(signed, "network.conv1", x, 0))


def negative(folder):
    network = networks.AlwaysNegative().eval()
    x = torch.ones(1, 1, 2, 2)
    map = reference_maps.grad_cam(network, "conv1", x, 0)
    # The gradient of minus the mean of four cells is -1/4 everywhere, and the activation is 1.
    assert torch.equal(map, torch.full((1, 2, 2), -0.25))
    folder.traced("negative", network, x)
    folder.array("negative.x", x)
    folder.array("negative.class", [0])
    folder.array("negative.gradcam", map)


def unusual_outputs(folder):
    x = random_input(1, 3, 32, 32)
    folder.traced("tuple", seeded(lambda: networks.TupleOutput(5)), x)
    folder.scripted("dictionary", seeded(lambda: networks.DictionaryOutput(5)))
    folder.traced("blocked", seeded(lambda: networks.Blocked(5)), x)
    folder.traced("no-conv", seeded(networks.WithoutConvolution), x)
    folder.traced("double", seeded(lambda: networks.Small(5)).double(), x.double())


def transformer(folder):
    network = seeded(networks.TokenTransformer)
    x = random_input(1, 3, 32, 32)
    folder.traced("vit-tokens", network, x)
    folder.array("vit-tokens.x", x)
    folder.array("vit-tokens.class", [0])
    map = reference_maps.token_grad_cam(network, "ln_1", x, torch.tensor([0]), grid=(4, 4))
    folder.array("vit-tokens.gradcam", map[0])


def free_size(folder):
    network = seeded(lambda: networks.Small(5))
    x = random_input(1, 3, 40, 56)
    classes = network(x).argmax(1)
    folder.traced("small-free-size", network, torch.rand(1, 3, 32, 32))
    folder.array("small-free-size.x", x)
    folder.array("small-free-size.class", classes)
    folder.array("small-free-size.gradcam", reference_maps.grad_cam(network, "conv2", x, classes))


def many_convolutions(folder, name, network):
    folder.traced(name, network, torch.rand(1, 3, 24, 24))
    for size, shape in {"small": (1, 3, 24, 24), "large": (1, 3, 40, 56), "batch": (3, 3, 17, 30)}.items():
        x = random_input(*shape)
        folder.array(f"{name}.{size}.x", x)
        with torch.no_grad():
            folder.array(f"{name}.{size}.scores", network(x))
        # The first score of the first image, which depends on the target alone.
        folder.array(f"{name}.{size}.gradcam", reference_maps.grad_cam(network, "target", x[:1], torch.tensor([0])))


def epilogues(folder):
    many_convolutions(folder, "epilogues", seeded(networks.Epilogues))


def padded(folder):
    many_convolutions(folder, "padded", seeded(networks.Padded))


def cancelling(folder):
    folder.traced("cancelling", networks.Cancelling().eval(), torch.rand(1, 1, 8, 8))


def not_torchscript(folder):
    network = seeded(lambda: networks.Small(5))
    torch.save(network, folder.path / "pickled.pt")
    torch.save(network.state_dict(), folder.path / "state-dict.pt")
    (folder.path / "text.pt").write_text("This is not a model.\n")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.splitlines()[0])
    folder = Folder(sys.argv[1])
    for make in (
        *(one_convolution, resnet, efficientnet_lite0, swish, softmax, sigmoid, negative),
        *(unusual_outputs, transformer, free_size, epilogues, padded, cancelling),
        not_torchscript,
        *(detector_fixtures.make, sign_pictures.make),
    ):
        make(folder)
    print(f"{len(list(folder.path.iterdir()))} fixtures in {folder.path}")


if __name__ == "__main__":
    main()
