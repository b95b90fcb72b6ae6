"""Small networks, each with one property that the engine has to cope with."""

import torch
from torch import nn


class OneConvolution(nn.Module):
    """captum's BasicModel_ConvNet_One_Conv: weights so round that its maps can be worked out on paper."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 2, 3)
        self.relu1 = nn.ReLU()
        self.fc1 = nn.Linear(8, 4)
        self.relu2 = nn.ReLU()
        with torch.no_grad():
            self.conv1.weight.fill_(1)
            self.conv1.bias.copy_(torch.tensor([-50.0, -75.0]))
            self.fc1.weight.copy_(torch.tensor([1.0, 1, 1, 1, 1, -1, -1, -1]).repeat(4, 1))
            self.fc1.bias.zero_()

    def forward(self, x):
        return self.relu2(self.fc1(self.relu1(self.conv1(x)).flatten(1)))


class Gate(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.scale = nn.Parameter(torch.rand(channels, 1, 1) + 0.5)

    def forward(self, x):
        return x * self.scale


class Swish(nn.Module):
    """Operators that a profiling graph executor fuses from its second run on."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
        self.gate = Gate(16)
        self.fc = nn.Linear(16, 5)

    def forward(self, x):
        x = self.conv1(x)
        x = self.conv2(x * torch.sigmoid(x))
        x = self.gate(torch.relu(x))
        return self.fc(x.mean([2, 3]))


class Small(nn.Module):
    """Two convolutions, a global mean, a linear layer. Takes any height and width."""

    def __init__(self, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
        self.fc = nn.Linear(16, classes)

    def features(self, x):
        return torch.relu(self.conv2(torch.relu(self.conv1(x))))

    def forward(self, x):
        return self.fc(self.features(x).mean([2, 3]))


class Probabilities(nn.Module):
    """One convolution whose logits pass through `head`, for example a softmax."""

    def __init__(self, classes, head):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, padding=1)
        self.fc = nn.Linear(8, classes)
        self.head = head

    def logits(self, x):
        return self.fc(torch.relu(self.conv1(x)).mean([2, 3]))

    def forward(self, x):
        return self.head(self.logits(x))


class Softmax(nn.Module):
    def forward(self, logits):
        return torch.softmax(logits, 1)


class SoftmaxViewed(nn.Module):
    """The order of the four elements changes to 0 2 1 3."""

    def forward(self, logits):
        return torch.softmax(logits, 1).view(-1, 2, 2).permute(0, 2, 1).reshape(-1, 4)


class SoftmaxSliced(nn.Module):
    """Without the first element: no logit stands for an element of the output any more."""

    def forward(self, logits):
        return torch.softmax(logits, 1)[:, 1:]


class AlwaysNegative(nn.Module):
    """The activation is the picture itself; class 0 is minus its mean, class 1 its mean."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 1, 1, bias=False)
        self.fc = nn.Linear(1, 2, bias=False)
        with torch.no_grad():
            self.conv1.weight.fill_(1)
            self.fc.weight.copy_(torch.tensor([[-1.0], [1.0]]))

    def forward(self, x):
        return self.fc(self.conv1(x).mean([2, 3]))


class TupleOutput(Small):
    def forward(self, x):
        features = self.features(x)
        return self.fc(features.mean([2, 3])), features


class DictionaryOutput(Small):
    def forward(self, x):
        return {"out": self.fc(self.features(x).mean([2, 3]))}


class Blocked(Small):
    """No gradient reaches the convolutions."""

    def forward(self, x):
        return self.fc(self.features(x).detach().mean([2, 3]))


class WithoutConvolution(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(3 * 32 * 32, 16)
        self.relu1 = nn.ReLU()
        self.fc2 = nn.Linear(16, 5)

    def forward(self, x):
        return self.fc2(self.relu1(self.fc1(x.flatten(1))))


class TokenTransformer(nn.Module):
    """A vision transformer (Dosovitskiy et al. 2020, arXiv 2010.11929) of one layer: 16 patches and a class token."""

    def __init__(self, width=16, classes=3):
        super().__init__()
        self.patches = nn.Conv2d(3, width, 8, stride=8)
        self.class_token = nn.Parameter(torch.randn(1, 1, width))
        self.positions = nn.Parameter(torch.randn(1, 17, width))
        self.ln_1 = nn.LayerNorm(width)
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.head = nn.Linear(width, classes)

    def attend(self, x):
        similarity = self.query(x) @ self.key(x).transpose(1, 2) / x.shape[-1] ** 0.5
        return torch.softmax(similarity, -1) @ self.value(x)

    def forward(self, x):
        patches = self.patches(x).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.class_token.expand(x.shape[0], -1, -1), patches], 1) + self.positions
        tokens = tokens + self.attend(self.ln_1(tokens))
        return self.head(tokens[:, 0])


class Epilogues(nn.Module):
    """Convolutions of many kinds, each with what an engine may compute together with it. The scores are the maxima and
    minima of all of them, behind them two convolutions that are differentiated. Takes any height and width."""

    def __init__(self):
        super().__init__()
        convolution = nn.Conv2d
        self.stem = convolution(3, 32, 3, padding=1)
        self.wide = nn.ModuleList(convolution(32, 32, 3, padding=1) for _ in range(10))
        self.odd = nn.ModuleList((
            convolution(32, 32, 3, padding=1, groups=32),
            convolution(32, 32, 3, padding=2, dilation=2, groups=4),
            convolution(32, 32, (3, 1), padding=(1, 0), bias=False),
            convolution(32, 32, 1),
            convolution(32, 32, 5, stride=2, padding=2),
            convolution(32, 32, 3, padding="same"),
        ))
        self.target = convolution(32, 32, 3, padding=1)
        self.last = nn.ModuleList((
            convolution(32, 16, 3, padding=1, groups=2), convolution(16, 8, 3, stride=2, bias=False)))
        self.fc = nn.Linear(8, 3)

    def forward(self, x):
        x = self.stem(x)
        relu6, hardtanh = nn.functional.relu6, lambda x: nn.functional.hardtanh(x, -0.1, 0.3)
        activations = (torch.relu, relu6, hardtanh, nn.functional.silu, nn.functional.hardswish, torch.sigmoid)
        results = [activation(layer(x)) for activation, layer in zip(activations, self.wide)]
        results += [activation(layer(x)) for activation, layer in zip(activations, self.odd)]
        results.append(self.wide[6](x) + x)                                # x is read again: must not be overwritten
        fresh = torch.relu(self.odd[0](x))
        results.append(torch.relu(fresh + self.wide[7](torch.sigmoid(self.odd[3](fresh)))))
        fresh = self.odd[1](x)
        results.append(fresh * 1 + nn.functional.silu(self.wide[8](fresh)))
        results.append(relu6(self.odd[3](x) + self.wide[9](x)))            # a sum of two convolutions
        x = nn.functional.silu(self.last[0](self.target(x)))
        scores = self.fc(self.last[1](x).mean((2, 3)))
        extremes = [values for result in results for values in (result.amax((2, 3)), result.amin((2, 3)))]
        return torch.cat([scores, *extremes], 1)


class Padded(nn.Module):
    """Convolutions of inputs around which zeros, or something else, are put beforehand, as "same" padding of an even
    number of cells is written. The scores are the maxima and minima of all of them, behind them a convolution that is
    differentiated. Takes any height and width."""

    def __init__(self):
        super().__init__()
        convolution = nn.Conv2d
        self.stem = convolution(3, 32, 3, padding=1)
        self.halves = nn.ModuleList(convolution(32, 32, 3, stride=2, groups=groups) for groups in (1, 32))
        self.wide = convolution(32, 32, (5, 3), stride=(2, 1), padding=(0, 2))
        self.even = convolution(32, 32, 3)
        self.target = convolution(32, 16, 3, padding=1)
        self.fc = nn.Linear(16, 3)

    def forward(self, x):
        pad = nn.functional.pad
        x = torch.relu(self.stem(x))
        results = [torch.relu(layer(pad(x, (0, 1, 0, 1)))) for layer in self.halves]
        results.append(torch.relu(self.wide(pad(x, (0, 0, 1, 3)))))               # on top of its own
        results.append(self.even(pad(x, (1, 1, 1, 1))))
        results.append(self.even(pad(x, (3, 0))))                                # one axis alone
        padded = pad(x, (2, 1, 1, 2))
        results += [self.halves[0](padded), padded * 2]                          # what is padded is read again
        changed = x * 1
        padded = pad(changed, (0, 1, 0, 1))
        changed.mul_(-1)                                                         # after it was padded
        results += [self.halves[1](padded), changed]
        results.append(self.even(pad(x, (1, 1, 1, 1), value=0.5)))
        results.append(self.even(pad(x, (1, 2, 1, 2), mode="reflect")))
        results.append(self.even(pad(x, (-1, 1, 1, -1))))                        # crops on two sides
        scores = self.fc(self.target(pad(x, (0, 1, 1, 0))).mean((2, 3)))
        extremes = [values for result in results for values in (result.amax((2, 3)), result.amin((2, 3)))]
        return torch.cat([scores, *extremes], 1)


class Cancelling(nn.Module):
    """The mean of 257 x - 256 x. bfloat16 has 8 bits of significand: it rounds 257 to 256, and nothing is left of x."""

    def __init__(self):
        super().__init__()
        self.copies = nn.Conv2d(1, 2, 1, bias=False)
        self.difference = nn.Conv2d(2, 1, 1, bias=False)
        self.copies.weight.data.fill_(1)
        self.difference.weight.data = torch.tensor([257.0, -256.0]).view(1, 2, 1, 1)

    def forward(self, x):
        return self.difference(self.copies(x).relu()).mean((2, 3))
