"""Runs the suites: torture.py [--small] [--mutants] [SUITE...]. See README.md."""

import argparse
import importlib
import os
import sys
import time
import traceback
from pathlib import Path

from service import programs
from tracing import has_strace

#: Names as people give them, and the modules with `run(small)`.
SUITES = {
    "kills": "kill_sweep",
    "powercuts": "powercut_sweep",
    "errors": "error_sweep",
    "error-ways": "error_ways",
    "devices": "devices",
    "scan-race": "scan_race",
    "random-kills": "random_kills",
    "start-race": "start_race",
    "overflow": "overflow",
    "bursts": "bursts",
    "writers": "writers",
    "stops": "stops",
    "readers": "readers",
    "hostile": "hostile",
    "memory": "memory",
    "remount": "remount",
}
NEED_STRACE = {"kills", "powercuts", "errors", "error-ways"}


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/torture", description="Hurts the service and looks what is lost.")
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"of {', '.join(SUITES)}; all without one")
    parser.add_argument("--small", action="store_true", help="a size that takes minutes, not hours")
    parser.add_argument("--mutants", action="store_true", help="run the suites against daemons with one fault each")
    parser.add_argument("--programs", type=Path, help="the folder with gradcamd and gradcam-worker")
    arguments = parser.parse_args()
    names = [name.replace("_", "-") for name in arguments.suites]
    if unknown := [name for name in names if name not in SUITES and not arguments.mutants]:
        parser.error(f"there is no suite {', '.join(unknown)}")
    if arguments.programs:
        os.environ["GRADCAM_PROGRAMS"] = str(arguments.programs.resolve())
    if not (programs() / "gradcamd").exists():
        parser.error(f"there is no gradcamd in {programs()}")
    if arguments.mutants:
        import mutants

        return 1 if mutants.run(names) else 0
    return 1 if sum(played(name, arguments.small) for name in names or SUITES) else 0


def played(name: str, small: bool) -> int:
    """Runs one suite. Returns the number of its violations."""
    if name in NEED_STRACE and not has_strace():
        print(f"{name}: strace is missing; script/bootstrap test installs it")
        return 1
    begin = time.monotonic()
    try:
        found = importlib.import_module(SUITES[name]).run(small)
    except Exception:
        found = [traceback.format_exc()]
    for text in found:
        print(f"  violation: {text}")
    print(f"  {name}: {'ok' if not found else 'FAILED'} in {time.monotonic() - begin:.0f} s", flush=True)
    return len(found)


if __name__ == "__main__":
    sys.exit(main())
