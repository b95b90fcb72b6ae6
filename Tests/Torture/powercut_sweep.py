"""The power fails before a system call that changes the disk: what was acknowledged must be there afterwards.

Tree and log are on ext4 in a file behind a loop device. What the inner file system has not written yet is in its page
cache only, so a copy of the file, taken as soon as the daemon is dead, is the disk as a power cut leaves it. Mounting
the copy replays its journal. Needs root, and a mount namespace that may make loop devices.
"""

import ctypes
import os
import random
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from invariants import violations
from kill_sweep import DROPPED, drop, finish, is_sync, recorded
from load import ended
from service import Service, ServiceProblem
from tracing import ENOUGH, Point, evenly, start_attached

SEED = 13
DISK_BYTES = 96 << 20
#: Of small runs: calls that sync, for before each of them the most is lost.
SMALL = 12
#: The disk is small, and how full it may get is not what this is about.
SETTINGS = ["limits.min_free_bytes=0"]


def run(small: bool) -> list[str]:
    if os.geteuid() != 0:
        print("powercuts: left out, mounts need root")
        return []
    _, journal = recorded()
    chosen = evenly([point for point in journal if is_sync(point)], SMALL) if small else journal
    chance = random.Random(SEED)
    early = [point for point in journal if point.number <= 3]
    found: list[str] = []
    rounds = cuts = again = 0
    for point in chosen:
        # A second cut hits the recovery from the first.
        was_cut, was_cut_again, new = play(point, chance.choice(early))
        rounds, cuts, again, found = rounds + 1, cuts + was_cut, again + was_cut_again, found + new
        if len(found) >= ENOUGH:
            break
    print(
        f"powercuts: at {len(chosen)} of {len(journal)} calls of the journal, {rounds} rounds, {cuts} cuts, "
        f"{again} again in recovery, {len(found)} violations")
    if cuts < rounds * 0.8:
        found.append(f"only {cuts} cuts hit")
    return found


def play(point: Point, second: Point) -> tuple[bool, bool, list[str]]:
    what = f"power cut at {point}, then at {second}"
    with tempfile.TemporaryDirectory(prefix="gradcam-disks-") as folder:
        disks = [Path(folder) / f"disk-{number}" for number in range(3)]
        make_disk(disks[0])
        try:
            was_cut = run_cut(disks[0], disks[1], point, is_second=False)
            was_cut_again = run_cut(disks[1], disks[2], second, is_second=True)
            with mounted(disks[2]) as disk, Service(disk=disk, settings=SETTINGS) as service:
                finish(service)
                found = violations(service, DROPPED)
        except ServiceProblem as problem:
            return True, False, [f"{what}: {problem}"]
        return was_cut, was_cut_again, [f"{what}: {text}" for text in found]


def run_cut(disk: Path, copy: Path, point: Point, is_second: bool) -> bool:
    """A run on `disk` that is killed at `point`; `copy` becomes what was on the disk then."""
    with mounted(disk) as place, Service(disk=place, settings=SETTINGS) as service:
        if not is_second:
            sync_file_system(place)
        strace = start_attached(service, point.killing, service.top / "trace")
        if not is_second:
            drop(service)
            # What the people who dropped it were promised by their own programs.
            sync_file_system(place)
        try:
            service.until_ended(len(DROPPED), lambda: ended(service))
            if not is_second:
                service.stop()
        except ServiceProblem:
            if service.is_running:
                raise
        was_cut = not service.is_running and service.process.returncode == -signal.SIGKILL
        copy_disk(disk, copy)
        service.kill()
        strace.wait()
        return was_cut


def make_disk(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(DISK_BYTES)
    subprocess.run(["mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", path], check=True)


def copy_disk(disk: Path, copy: Path) -> None:
    subprocess.run(["cp", "--sparse=always", disk, copy], check=True)


@contextmanager
def mounted(disk: Path) -> Iterator[Path]:
    # Always the same: the log names overlays by their paths.
    place = disk.with_name("mount")
    place.mkdir(exist_ok=True)
    # Nothing is written just because time goes by.
    subprocess.run(["mount", "-o", "loop,commit=600", disk, place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


def sync_file_system(place: Path) -> None:
    """syncfs(2)."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).syncfs(descriptor) != 0:
            raise OSError(ctypes.get_errno(), "syncfs")
    finally:
        os.close(descriptor)
