"""A PyTorch network as TorchScript."""

import torch

from classifier_sources import foreign
from export_error import ExportError


def convert(network, example, scripted):
    """TorchScript with the modules' names kept: a frozen file would lose them, and they name the target layers."""
    if scripted:
        return foreign("this network cannot be scripted", lambda: torch.jit.script(network))
    # With gradients: without them transformers record an operator through which none flow.
    return foreign(
        "this network cannot be traced (--script may help)",
        lambda: torch.jit.trace(network, example, check_trace=False, strict=False),
    )


def scores(output):
    """The N x classes tensor of an output; of several outputs the first, as gradcamd takes it."""
    while isinstance(output, (tuple, list, dict)):
        output = next(iter(output.values() if isinstance(output, dict) else output))
    if not isinstance(output, torch.Tensor) or output.dim() != 2:
        raise ExportError("the network does not give one row of scores per picture: is it a classifier?")
    return output.detach()


def difference(network, file, example):
    """The largest difference between the file and the network in Python."""
    expected, actual = scores(network(example)), scores(torch.jit.load(str(file))(example))
    if not torch.allclose(actual, expected, rtol=1e-4, atol=1e-5):
        raise ExportError(
            f"the exported network differs from the original by {(actual - expected).abs().max():.2g}: "
            "its code takes decisions that depend on the picture; try --script"
        )
    return float((actual - expected).abs().max())
