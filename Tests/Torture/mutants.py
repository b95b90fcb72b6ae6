"""Daemons with one fault each, every one of which the suites must catch: or else the suites are blind.

The project is copied with its build cache and mounted over its own path, so that a mutant costs the compilation of
one file. Needs root.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from service import PROJECT, programs

#: A mutant that stands still is caught by that, and one fault is enough.
IMPATIENCE = {"GRADCAM_TORTURE_PATIENCE": "12", "GRADCAM_TORTURE_ENOUGH": "1"}
#: What a build needs.
PARTS = ["Package.swift", "Package.resolved", "Sources", "Tests", ".build"]


@dataclass(frozen=True)
class Mutant:
    name: str
    #: Those that must catch it.
    suites: list[str]
    #: Applies mutants/<name>.patch.
    is_patched: bool = True
    #: Without a fault: nothing may be found, or what is found of the others proves nothing.
    is_control: bool = False
    environment: dict[str, str] = field(default_factory=dict)


MUTANTS = [
    Mutant("none", ["kills", "powercuts", "errors", "devices", "scan-race"], is_patched=False, is_control=True),
    Mutant("rows-before-overlay", ["kills"]),
    Mutant("archive-before-rows", ["kills"]),
    Mutant("two-transactions", ["kills"]),
    Mutant("no-recovery", ["kills"]),
    Mutant("synchronous-normal", ["powercuts"]),
    Mutant("overlay-not-synced", ["powercuts"], is_patched=False, environment={"FAST_WORKER_NO_SYNC": "1"}),
    Mutant("full-disk-is-the-images-fault", ["errors"]),
    Mutant("waiting-counts", ["errors"]),
    Mutant("any-device", ["devices"]),
    Mutant("scan-before-watch", ["scan-race"]),
]


def run(names: list[str]) -> list[str]:
    """Plays all mutants, or those of these names. Returns what was not judged as it must be."""
    misjudged: list[str] = []
    chosen = [mutant for mutant in MUTANTS if not names or mutant.name in names]
    with tempfile.TemporaryDirectory(prefix="gradcam-mutants-") as folder:
        copy = Path(folder) / "project"
        copied(copy)
        print(f"{'mutant':32}{'suite':12}{'found':16}verdict")
        for mutant in chosen:
            build = built(mutant, copy, Path(folder) / mutant.name) if mutant.is_patched else programs()
            for suite in mutant.suites:
                begin = time.monotonic()
                count = violations(mutant, suite, build)
                is_right = (count == 0) == mutant.is_control
                verdict = f"{count} violations" if count else "nothing"
                print(
                    f"{mutant.name:32}{suite:12}{verdict:16}{'as it must' if is_right else 'WRONG':12}"
                    f"{time.monotonic() - begin:4.0f} s", flush=True)  # fmt: skip
                if not is_right:
                    misjudged.append(f"{mutant.name}, {suite}: {verdict}")
    print(f"mutants: {len(chosen)}, {len(misjudged)} not judged as they must be")
    return misjudged


def copied(copy: Path) -> None:
    copy.mkdir()
    parts = [PROJECT / part for part in PARTS if (PROJECT / part).exists()]
    # With the times of change, which the build goes by.
    subprocess.run(["cp", "--archive", "--reflink=auto", *parts, copy], check=True)


def built(mutant: Mutant, copy: Path, build: Path) -> Path:
    """The programs with the fault. The copy is as before afterwards."""
    patch = Path(__file__).with_name("mutants") / f"{mutant.name}.patch"
    patching = ["patch", "--quiet", "--strip=0", f"--directory={copy}", f"--input={patch}"]
    subprocess.run(patching, check=True)
    try:
        # A build that sees another path than the last one starts all over.
        script = 'mount --bind "$0" "$1" && cd "$1" && swift build --product gradcamd'
        command = ["unshare", "--mount", "--propagation", "private", "bash", "-c", script, str(copy), str(PROJECT)]
        outcome = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if outcome.returncode != 0:
            raise RuntimeError(f"{mutant.name} cannot be built:\n{outcome.stdout[-3000:]}")
        build.mkdir()
        shutil.copy2(copy / ".build/debug/gradcamd", build)
        (build / "gradcam-worker").symlink_to(programs() / "gradcam-worker")
        return build
    finally:
        subprocess.run([*patching, "--reverse"], check=True)


def violations(mutant: Mutant, suite: str, build: Path) -> int:
    environment = {**os.environ, **IMPATIENCE, **mutant.environment, "GRADCAM_PROGRAMS": str(build)}
    command = [sys.executable, str(Path(__file__).with_name("torture.py")), "--small", suite]
    outcome = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if "TORTURE_MUTANTS_VERBOSE" in os.environ:
        print(outcome.stdout)
    return outcome.stdout.count("  violation: ")
