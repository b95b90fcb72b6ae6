# SPDX-License-Identifier: MIT
"""The weights of both detectors in one file. Kernels are kept in float16: half the size, and what the networks find is
the same."""

import torch


def load(path, anchor_free, anchored):
    """Fills the networks from what `save` wrote."""
    states = torch.load(path, map_location="cpu")
    anchor_free.load_state_dict(states["anchor-free"])
    anchored.load_state_dict(states["anchors"])


def save(path, anchor_free, anchored):
    """What both share, the pyramid, is written once."""
    states = {"anchor-free": packed(anchor_free), "anchors": packed(anchored)}
    for name, value in states["anchors"].items():
        if name.startswith("pyramid."):
            states["anchors"][name] = states["anchor-free"][name]
    torch.save(states, path)


def packed(network):
    return {name: value.half() if value.dim() > 1 else value for name, value in network.state_dict().items()}
