"""kill -9 before every system call that changes the disk, then again while the daemon recovers from that."""

import random
import signal
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from invariants import violations
from load import ended
from pictures import no_picture, picture
from service import Service, ServiceProblem
from side_by_side import side_by_side
from tracing import CHANGING, ENOUGH, Point, evenly, points, recording, start_attached, start_traced

SEED = 11
#: One of each way through the journal: explained, explained before, failed.
DROPPED = {b"one.png": picture(1), b"same.png": picture(1), b"none.png": no_picture(1)}


@dataclass(frozen=True)
class Scene:
    #: `policy.originals`.
    originals: str
    worker: str
    #: Calls of a start, and of the journal, that a small run tries.
    small: tuple[int, int]
    #: The same of a full run; all where there is none.
    full: tuple[int, int] | None = None


SCENES = [
    Scene("archive", "fast", (4, 20)),
    # A start is the same.
    Scene("delete", "fast", (0, 5), (0, 1000)),
    Scene("keep", "fast", (0, 5), (0, 1000)),
    Scene("archive", "real", (0, 6), (0, 40)),
]


def run(small: bool) -> list[str]:
    chance = random.Random(SEED)
    rounds: list[Callable[[], tuple[bool, bool, list[str]]]] = []
    for scene in SCENES:
        start, journal = recorded(settings=[f"policy.originals={scene.originals}"], worker=scene.worker)
        # Recovery makes few calls of each kind.
        early = [point for point in journal if point.number <= 3]
        if small:
            journal = states(journal)
        if limits := scene.small if small else scene.full:
            start, journal = evenly(start, limits[0]), evenly(journal, limits[1])
        for is_start, point in [(True, point) for point in start] + [(False, point) for point in journal]:
            rounds.append(partial(play, point, chance.choice(early), is_start, scene))
    results = side_by_side(rounds, lambda so_far: sum(len(new) for _, _, new in so_far) >= ENOUGH)
    found = [text for _, _, new in results for text in new]
    kills = sum(was_killed for was_killed, _, _ in results)
    print(
        f"kills: at {len(results)} of {len(rounds)} calls of a start and of the journal, with originals archived, "
        f"deleted and kept, with the fast worker and the real one; {kills} kills, "
        f"{sum(again for _, again, _ in results)} again in recovery, {len(found)} violations")
    if kills < len(results) * 0.8:
        found.append(f"only {kills} kills hit")
    return found


def states(points: list[Point]) -> list[Point]:
    """Those before which a kill leaves something else behind: a sync changes nothing for whoever reads the page cache,
    and of the pages of one transaction the first stands for all.
    """
    found = []
    was_page = False
    for point in points:
        if not is_sync(point) and not (is_page(point) and was_page) and point.call != "fchmodat":
            found.append(point)
        was_page = is_page(point)
    return found


def is_page(point: Point) -> bool:
    return point.call in ("pwrite64", "write")


def is_sync(point: Point) -> bool:
    return point.call in ("fsync", "fdatasync")


def recorded(
    calls: list[str] = CHANGING, settings: Iterable[str] = (), worker: str = "fast"
) -> tuple[list[Point], list[Point]]:
    """All such calls of a start on an empty tree, and all that the journal makes of the images."""
    with Service(worker) as service:
        start_traced(service, recording(calls), trace := service.top / "trace", wait=True)
        service.kill()
        start = points(trace, calls)
    with Service(worker, settings=settings) as service:
        strace = start_attached(service, recording(calls), trace := service.top / "trace")
        drop(service)
        service.until_ended(len(DROPPED), lambda: ended(service))
        service.stop()
        strace.wait()
        return start, points(trace, calls)


def drop(service: Service) -> None:
    for name, content in DROPPED.items():
        service.drop(name, content)


def play(point: Point, second: Point, at_start: bool, scene: Scene) -> tuple[bool, bool, list[str]]:
    """One kill at `point`, one at `second` in the run after it, then a run to the end."""
    with Service(scene.worker, settings=[f"policy.originals={scene.originals}"]) as service:
        what = f"{scene.originals}, {scene.worker} worker: killed at {'start, ' if at_start else ''}{point}, then at {second}"
        try:
            was_killed = run_killed(service, point, at_start)
            was_killed_again = run_killed(service, second, at_start=False, is_second=True)
            finish(service)
        except ServiceProblem as problem:
            return True, False, [f"{what}: {problem}"]
        found = violations(service, DROPPED, originals=scene.originals)
        return was_killed, was_killed_again, [f"{what}: {text}" for text in found]


def run_killed(service: Service, point: Point, at_start: bool, is_second: bool = False) -> bool:
    """Whether the daemon was killed before it had done everything and stopped."""
    trace = service.top / "trace"
    if at_start:
        drop(service)
        start_traced(service, point.killing, trace, wait=False)
    else:
        strace = start_attached(service, point.killing, trace)
        if not is_second:
            drop(service)
    try:
        service.until_ended(len(DROPPED), lambda: ended(service))
        service.stop()
    except ServiceProblem:
        if service.is_running:
            raise
    if not at_start:
        strace.wait()
    return service.wait() == -signal.SIGKILL


def finish(service: Service) -> None:
    """A run without a fault, which must end everything that is there."""
    service.start()
    service.until_ended(len(DROPPED), lambda: ended(service))
    # Before its handlers are there the signal ends it, which is an orderly end for systemd, too.
    if (status := service.stop()) not in (0, -signal.SIGTERM):
        raise ServiceProblem(f"it ended with status {status}{service.last_words()}")


