"""System calls fail, once or for a while: that costs no image and no attempt, and the work goes on by itself."""

import signal
import time
from collections.abc import Callable
from functools import partial

from invariants import violations
from kill_sweep import DROPPED, drop, finish, is_page, recorded, run_killed
from load import ended
from service import Service, ServiceProblem
from side_by_side import side_by_side
from tracing import CHANGING, ENOUGH, Point, evenly, start_attached, start_traced

ERRORS = ["ENOSPC", "EIO", "EACCES"]
#: Too many open files is what happens to opening alone.
OPENING = "openat"
#: For so long an error lasts.
LASTING_SECONDS = 1.0
#: Of small runs: calls of the journal that move, sync and open, those that write pages of the log, calls of a start,
#: calls of a recovery.
SMALL = (10, 2, 2, 2)
#: Cut off here, an image has its row and is still to be explained.
CUT = Point("linkat", 1)


def run(small: bool) -> list[str]:
    start, journal = recorded([*CHANGING, OPENING])
    pages = [point for point in journal if is_page(point)]
    others = [point for point in journal if not is_page(point)]
    early = [point for point in others if point.number <= 4]
    # What a start writes by write(2) goes to eventfds and pipes, where no disk is that could fail.
    start = [point for point in start if point.call != "write"]
    if small:
        pages, others = evenly(pages, SMALL[1]), evenly(others, SMALL[0])
        start, early = evenly(start, SMALL[2]), evenly(early, SMALL[3])
    rounds: list[Callable[[], tuple[bool, list[str]]]] = [lambda: (False, play_full_disk())]
    for index, point in enumerate(others + pages):
        rounds += [partial(play, point, error, lasts) for error, lasts in trials(point, index, small)]
    for index, (is_start, point) in enumerate([(True, point) for point in start] + [(False, point) for point in early]):
        errors = dict.fromkeys(error for error, _ in trials(point, index, small))
        rounds += [partial(play_start, point, error, is_recovery=not is_start) for error in errors]
    results = side_by_side(rounds, lambda so_far: sum(len(new) for _, new in so_far) >= ENOUGH)
    found = [text for _, new in results for text in new]
    print(
        f"errors: {len(others) + len(pages)} calls of the journal, {len(start)} of a start, {len(early)} of a "
        f"recovery, {len(results)} rounds, {sum(did_exit for did_exit, _ in results)} starts given up for the next one, "
        f"{len(found)} violations")
    return found


def trials(point: Point, index: int, small: bool) -> list[tuple[str, bool]]:
    """The errors of a call, each once and for a while; of small runs one of them in turns."""
    errors = ["EMFILE"] if point.call == OPENING else ERRORS
    if small:
        return [(errors[index % len(errors)], index % 2 == 1)]
    return [(error, lasts) for error in errors for lasts in (False, True)]


def play(point: Point, error: str, lasts: bool) -> tuple[bool, list[str]]:
    """An error while images are worked on: this very process must bring them to their ends."""
    what = f"{error} at {point}{' and later' if lasts else ''}"
    with Service() as service:
        try:
            strace = start_attached(service, point.failing(error, lasts), service.top / "trace")
            drop(service)
            if lasts:
                while service.is_running and "watching " not in service.messages():
                    time.sleep(0.01)
                time.sleep(LASTING_SECONDS if service.is_running else 0)
                strace.detach()
            if not settles(service):
                # It was in recovery, and gave up for the next start.
                finish(service)
                return True, [f"{what}: {text}" for text in violations(service, DROPPED)]
            # The last original may still wait for its place.
            service.until("work/ is empty", lambda: not any((service.root / "work").iterdir()))
            if (status := service.stop()) != 0:
                return False, [f"{what}: it ended with status {status}{service.last_words()}"]
        except ServiceProblem as problem:
            return False, [f"{what}: {problem}"]
        return False, [
            f"{what}: {text}" for text in violations(service, DROPPED) + counted_attempts(service)]


def counted_attempts(service: Service) -> list[str]:
    return [
        f"{row['name_text']} has attempt {row['attempt']} although nothing crashed"
        for row in service.rows("SELECT name_text, attempt FROM arrival WHERE attempt <> 1")
    ]


def play_full_disk() -> list[str]:
    """The worker finds the disk full until somebody makes room."""
    with Service() as service:
        full = service.top / "full"
        full.touch()
        service.start(environment={"FAST_WORKER_DISK_FULL": str(full)})
        drop(service)
        try:
            service.until("an image waits", lambda: bool(service.rows("SELECT 1 FROM arrival WHERE state = 'waiting'")))
            full.unlink()
            service.until_ended(len(DROPPED), lambda: ended(service))
            service.stop()
        except ServiceProblem as problem:
            return [f"disk full: {problem}"]
        return [f"disk full: {text}" for text in violations(service, DROPPED) + counted_attempts(service)]


def settles(service: Service) -> bool:
    """Waits for all images to end. False where the daemon gave up by itself before it watched the inbox."""
    try:
        service.until_ended(len(DROPPED), lambda: ended(service))
        return True
    except ServiceProblem:
        if service.is_running or "watching " in service.messages() or service.wait() <= 0:
            raise
        return False


def play_start(point: Point, error: str, is_recovery: bool) -> tuple[bool, list[str]]:
    """An error while it starts: it may end, with a message; the next start finishes everything."""
    what = f"{error} at {'recovery' if is_recovery else 'start'}, {point}"
    with Service() as service:
        try:
            if is_recovery:
                run_killed(service, CUT, at_start=False)
                start_attached(service, point.failing(error, lasts=False), service.top / "trace")
            else:
                drop(service)
                start_traced(service, point.failing(error, lasts=False), service.top / "trace", wait=False)
            status = None
            try:
                service.until_ended(len(DROPPED), lambda: ended(service))
                service.stop()
            except ServiceProblem:
                if service.is_running:
                    raise
                status = service.wait()
            if status is not None and (status < 0 and status != -signal.SIGTERM):
                return True, [f"{what}: it ended with status {status}{service.last_words()}"]
            finish(service)
        except ServiceProblem as problem:
            return False, [f"{what}: {problem}"]
        return status is not None, [f"{what}: {text}" for text in violations(service, DROPPED)]
