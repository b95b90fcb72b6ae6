"""EfficientNet-Lite0 in plain PyTorch.

EfficientNet (Tan & Le 2019, arXiv 1905.11946, table 1) in its Lite variant (TensorFlow's TPU models,
`efficientnet/lite`): no squeeze-and-excitation, ReLU6 instead of swish, stem and head not scaled.
"""

from torch import nn

# TensorFlow's batch normalisation; PyTorch's own default is 1e-5.
NORMALIZATION_EPSILON = 1e-3

# Kernel, stride, expansion, output channels, blocks.
STAGES = [
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
]
STEM_CHANNELS = 32
HEAD_CHANNELS = 1280


def convolution(inputs, outputs, kernel=1, stride=1, groups=1):
    """A convolution without bias, padded as TensorFlow's "SAME" pads inputs whose sides the stride divides:
    `kernel - stride` pixels in all, the odd one at the right and at the bottom."""
    before = (kernel - stride) // 2
    after = kernel - stride - before
    if before == after:
        return nn.Conv2d(inputs, outputs, kernel, stride, padding=before, groups=groups, bias=False)
    return nn.Sequential(
        nn.ZeroPad2d((before, after, before, after)),
        nn.Conv2d(inputs, outputs, kernel, stride, groups=groups, bias=False),
    )


def normalization(channels):
    return nn.BatchNorm2d(channels, eps=NORMALIZATION_EPSILON)


class Block(nn.Module):
    """An inverted residual: expand, filter each channel, project; added to its input where the shapes agree."""

    def __init__(self, inputs, outputs, kernel, stride, expansion):
        super().__init__()
        channels = inputs * expansion
        self.expand = nn.Sequential()
        if expansion != 1:
            self.expand = nn.Sequential(convolution(inputs, channels), normalization(channels), nn.ReLU6())
        self.depthwise = nn.Sequential(
            convolution(channels, channels, kernel, stride, groups=channels), normalization(channels), nn.ReLU6()
        )
        self.project = nn.Sequential(convolution(channels, outputs), normalization(outputs))
        self.has_skip = stride == 1 and inputs == outputs

    def forward(self, x):
        y = self.project(self.depthwise(self.expand(x)))
        return x + y if self.has_skip else y


class EfficientNetLite0(nn.Module):
    """Logits of N x `classes` for N x 3 x H x W; H and W are multiples of 32, 224 in training."""

    def __init__(self, classes=1000):
        super().__init__()
        self.stem = nn.Sequential(
            convolution(3, STEM_CHANNELS, kernel=3, stride=2), normalization(STEM_CHANNELS), nn.ReLU6()
        )
        channels = STEM_CHANNELS
        blocks = []
        for kernel, stride, expansion, outputs, count in STAGES:
            for index in range(count):
                blocks.append(Block(channels, outputs, kernel, stride if index == 0 else 1, expansion))
                channels = outputs
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Sequential(convolution(channels, HEAD_CHANNELS), normalization(HEAD_CHANNELS), nn.ReLU6())
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Linear(HEAD_CHANNELS, classes)

    def forward(self, x):
        return self.classifier(self.pool(self.head(self.blocks(self.stem(x)))).flatten(1))


def load_published_weights(network, weights):
    """Fills `network` with a state dictionary that is worded as in the published checkpoint (`_conv_stem.weight`).

    Both list their tensors in the order of computation, which is why they are paired by it.
    - Raises: ValueError where the number of tensors or a shape differs.
    """
    own = network.state_dict()
    if len(own) != len(weights):
        raise ValueError(f"the checkpoint has {len(weights)} tensors, EfficientNet-Lite0 has {len(own)}")
    for (own_name, own_value), (name, value) in zip(own.items(), weights.items()):
        kind = own_name.rpartition(".")[2]
        if own_value.shape != value.shape or kind != name.rpartition(".")[2]:
            raise ValueError(f"{name} of the checkpoint does not fit {own_name}")
    network.load_state_dict(dict(zip(own, weights.values())))
