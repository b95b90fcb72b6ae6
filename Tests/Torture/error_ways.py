"""System calls fail once on ways that a plain drop never takes: images that a former run left without a row, with one,
or in the inbox, and failed ones that people want back. As of any trouble of the machine: it costs nothing, and the work
goes on by itself.
"""

import json
import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from invariants import files, left_over, of_database, of_explanations, violations
from pictures import no_picture, picture
from service import Service, ServiceProblem
from tracing import CHANGING, Point, evenly, points, recording, start_attached

#: Too many open files is what happens to opening alone.
OPENING = "openat"
PAGES = ("pwrite64", "write")
#: Of small runs, for each way: the first calls that open, which are those of recovery, and some others.
SMALL = (7, 4)
#: Once the error is over the longest wait is the second pause of a back-off.
PATIENCE_SECONDS = 15
#: What keeps an image at the worker until the daemon is killed.
BUSY = {"FAST_WORKER_IMAGE_SECONDS": "60"}
IMAGE, REFUSED = {b"one.png": picture(1)}, {b"none.png": no_picture(1)}


@dataclass(frozen=True)
class Way:
    """How a tree came to be, and what must become of it."""

    name: str
    #: Leaves the daemon ended.
    prepare: Callable[[Service], None]
    dropped: dict[bytes, bytes]
    wrong: Callable[[Service, dict[bytes, bytes]], list[str]] = violations
    #: Asked of the control socket when the daemon watches.
    then: str | None = None
    settings: list[str] = field(default_factory=list)


def run(small: bool) -> list[str]:
    found: list[str] = []
    rounds = exits = 0
    for way in WAYS:
        chosen = recorded(way)
        opening = [point for point in chosen if point.call == OPENING]
        others = [point for point in chosen if point.call != OPENING]
        if small:
            opening, others = opening[: SMALL[0]], evenly(others, SMALL[1])
        for point in opening + others:
            for error in errors(point):
                did_exit, new = play(way, point, error)
                rounds, exits, found = rounds + 1, exits + did_exit, found + new
    print(
        f"error ways: {len(WAYS)} ways, {rounds} calls that fail, {exits} starts given up for the next one, "
        f"{len(found)} violations")
    return found


def errors(point: Point) -> list[str]:
    if point.call == OPENING:
        return ["EMFILE", "EIO"]
    return ["ENOSPC"] if point.call in (*PAGES, "mkdirat") else ["EIO"]


def made(way: Way) -> Service:
    return Service(settings=["inbox.rescan_seconds=1", *way.settings])


def recorded(way: Way) -> list[Point]:
    """What the journal does on this way; of the pages of one transaction the first stands for all."""
    calls = [*CHANGING, OPENING]
    with made(way) as service:
        way.prepare(service)
        since = len(service.messages())
        strace = start_attached(service, recording(calls), trace := service.top / "trace")
        go_on(way, service, since)
        service.until(f"{way.name} is over", lambda: is_over(service))
        service.stop()
        strace.wait()
        found, before = [], ""
        for point in points(trace, calls):
            if point.call not in PAGES or before not in PAGES:
                found.append(point)
            before = point.call
        return found


def play(way: Way, point: Point, error: str) -> tuple[bool, list[str]]:
    """One call fails; where the daemon gives up its start with an error, the next one must do everything."""
    what = f"{way.name}: {error} at {point}"
    did_exit = False
    with made(way) as service:
        try:
            way.prepare(service)
            since = len(service.messages())
            strace = start_attached(service, point.failing(error, lasts=False), service.top / "trace")
            try:
                go_on(way, service, since)
                service.until("all is over", lambda: is_over(service), PATIENCE_SECONDS)
                strace.detach()
            except ServiceProblem:
                if service.is_running:
                    raise
                did_exit = True
                if (status := service.wait()) <= 0:
                    return True, [f"{what}: it ended with status {status}{service.last_words()}"]
                since = len(service.messages())
                service.start()
                go_on(way, service, since)
                service.until("all is over", lambda: is_over(service), PATIENCE_SECONDS)
            if (status := service.stop()) not in (0, -signal.SIGTERM):
                return did_exit, [f"{what}: it ended with status {status}{service.last_words()}"]
        except ServiceProblem as problem:
            places = [os.path.relpath(path, os.fsencode(service.root)) for path in files(service.root / "work")]
            rows = [tuple(row) for row in service.rows("SELECT name_text, state, attempt FROM arrival")]
            return did_exit, [f"{what}: rows {rows}, left in work {places}: {problem}"]
        return did_exit, [f"{what}: {text}" for text in way.wrong(service, way.dropped)]


def go_on(way: Way, service: Service, since: int) -> None:
    service.until("it watches the inbox", lambda: "watching " in service.messages()[since:])
    if way.then:
        ask(service, way.then)


def is_over(service: Service) -> bool:
    """Every row has an end, nobody is asked for anything any more, and nothing lies in work/."""
    states = [row[0] for row in service.rows("SELECT state FROM arrival")]
    asked = service.rows("SELECT 1 FROM repetition")
    is_idle = bool(states) and set(states) <= {"done", "failed"} and not asked
    return is_idle and not os.listdir(service.root / "work")


def ask(service: Service, command: str, **arguments) -> None:
    """One line to the control socket, and its answer."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(PATIENCE_SECONDS)
                connection.connect(str(service.socket))
                connection.sendall(json.dumps({"command": command, **arguments}).encode() + b"\n")
                answer = json.loads(connection.makefile().readline())
        except OSError:
            # It listens a moment after it watches.
            if time.monotonic() > deadline:
                raise ServiceProblem(f"nobody answers {command}{service.last_words()}") from None
            time.sleep(0.02)
            continue
        if answer["kind"] == "failed":
            raise ServiceProblem(f"{command} was refused: {answer}")
        return


# How the trees come to be


def leave_without_row(service: Service) -> None:
    """Killed between the rename to work/ and the row."""
    service.start()
    service.stop()
    claim = Path(service.root / "work" / f"{time.time_ns() // 1_000_000:012x}{1:012x}")
    claim.mkdir(mode=0o750)
    for name, content in IMAGE.items():
        (claim / os.fsdecode(name)).write_bytes(content)


def leave_claimed(service: Service) -> None:
    """Killed while the worker was at it."""
    service.start(environment=BUSY)
    for name, content in IMAGE.items():
        service.drop(name, content)
    service.until("it is claimed", lambda: bool(service.rows("SELECT 1 FROM arrival")))
    service.kill()


def ask_back(service: Service) -> None:
    """Failed, and asked for once more while the service is paused."""
    service.start()
    for name, content in REFUSED.items():
        service.drop(name, content)
    service.until("it failed", lambda: bool(service.rows("SELECT 1 FROM arrival WHERE state = 'failed'")))
    service.until("work/ is empty", lambda: not os.listdir(service.root / "work"))
    ask(service, "pause", reason="a test")
    ask(service, "retry", ids=[row[0] for row in service.rows("SELECT id FROM arrival")])
    service.stop()


def of_kept(service: Service, dropped: dict[bytes, bytes]) -> list[str]:
    """The image is where it was, explained once."""
    rows = service.rows("SELECT * FROM arrival")
    there = sorted(name for name in os.listdir(os.fsencode(service.inbox)) if not name.startswith(b"."))
    found = of_database(service) + of_explanations(service, rows, dropped) + left_over(service)
    if [row["state"] for row in rows] != ["done"] * len(dropped):
        found.append(f"rows are {[tuple(row) for row in rows]}")
    if there != sorted(dropped):
        found.append(f"the inbox holds {there}")
    return found


WAYS = [
    Way("left without a row", leave_without_row, IMAGE),
    Way("left claimed", leave_claimed, IMAGE),
    Way("left claimed in the inbox", leave_claimed, IMAGE, of_kept, settings=["policy.originals=keep"]),
    Way("asked back", ask_back, REFUSED, then="resume"),
]
