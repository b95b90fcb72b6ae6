"""Hostile input through the real worker: the daemon lives, every file ends once with a reason, links lead nowhere."""

import os
import random
import time
import unicodedata
from pathlib import Path

from hostile_files import IGNORED_NAMES, HostileFile, hostile_files
from invariants import left_over, of_database
from network import shrink_input
from service import PICTURES, Service
from special_entries import Canary, make_folders, make_special_entries, write

SEED = 4
#: A bomb that keeps its worker busy for longer is that worker's end.
DEADLINE_SECONDS = 20
#: What a sparse file promises: nobody may read, hash or copy it to find out that it is too large.
ENDLESS_BYTES = 1 << 40


def run(small: bool) -> list[str]:
    files = hostile_files(PICTURES, 300 if small else 5_000, SEED)
    picture = (PICTURES / "baseline.jpg").read_bytes()
    settings = [
        f"workers.deadline_seconds={DEADLINE_SECONDS}", "inbox.settle_seconds=0.3", "inbox.truncated_seconds=2",
    ]  # fmt: skip
    with Service(worker="real", workers=2, settings=settings) as service:
        shrink_input(service)
        inbox = os.fsencode(service.inbox)
        outside = service.top / "outside"
        canary = Canary(outside, picture)
        special = make_special_entries(inbox, outside)
        service.start()
        pid = service.pid
        special += [b"late-" + name for name in make_late_entries(inbox, outside)]
        folders = make_folders(inbox, picture)
        for name in IGNORED_NAMES:
            write(os.path.join(inbox, name), picture)
        write(os.path.join(inbox, b"empty.jpg"), b"")
        drop_endless(service.inbox / "endless.jpg", picture)
        swap_with_links(service.inbox, outside, picture, rounds=3 if small else 30)
        drop(files, service.top / "staging", inbox)

        expected: dict[bytes, bytes | None] = {file.name: file.content for file in files}
        expected |= {b"endless.jpg": None, b"empty.jpg": b""}
        expected |= {path: picture for path, is_taken in folders.items() if is_taken}
        service.until_ended(len(expected), lambda: ended(service, expected))
        found = canary.violations()
        found += endings(service, expected, {file.name: file.kind for file in files})
        staying = special + IGNORED_NAMES
        staying += [path for path, is_taken in folders.items() if not is_taken]
        found += [f"{name!r} left the inbox" for name in staying if not os.path.lexists(os.path.join(inbox, name))]
        found += unreported(service, special)
        found += links_taken(service)
        if service.pid != pid or not service.is_running:
            found.append("the daemon did not live through it")
        elif (status := service.stop()) != 0:
            found.append(f"the daemon ended with status {status}")
        found += control_characters(service) + of_database(service) + left_over(service)
        ends = service.rows("SELECT coalesce(error_code, state) AS end, count(*) AS n FROM arrival GROUP BY 1")
        figures = ", ".join(f"{row['n']} {row['end']}" for row in ends)
        print(f"hostile: {len(files)} files, {len(special)} that are none, {len(found)} violations; {figures}")
        return found


def drop(files: list[HostileFile], staging: Path, inbox: bytes) -> None:
    """Every other one is written in place, every other one renamed into the inbox."""
    staging.mkdir()
    for number, file in enumerate(files):
        place = os.path.join(inbox, file.name)
        if number % 2:
            write(place, file.content)
        else:
            prepared = os.path.join(os.fsencode(staging), b"%d" % number)
            write(prepared, file.content)
            os.rename(prepared, place)


def drop_endless(path: Path, picture: bytes) -> None:
    """In one step, so that it is never seen smaller."""
    hidden = path.with_name(".endless")
    hidden.write_bytes(picture)
    os.truncate(hidden, ENDLESS_BYTES)
    hidden.rename(path)


def make_late_entries(inbox: bytes, outside: Path) -> list[bytes]:
    """Links and FIFOs that come while the inbox is watched."""
    os.mkfifo(os.path.join(inbox, b"late-fifo.jpg"))
    os.symlink(os.fsencode(outside / "canary.jpg"), os.path.join(inbox, b"late-link.jpg"))
    os.symlink(os.fsencode(outside), os.path.join(inbox, b"late-folder"))
    return [b"fifo.jpg", b"link.jpg", b"folder"]


def swap_with_links(inbox: Path, outside: Path, picture: bytes, rounds: int) -> None:
    """Names that are pictures while they settle and links when they are taken; the same with folders.

    They settle together and are taken one after the other: in the midst of that they change.
    """
    chance = random.Random(SEED)
    hidden = inbox / ".swap"
    for number in range(rounds):
        names = [inbox / f"swap-{number}-{index}.jpg" for index in range(60)]
        folders = [inbox / f"swapped-{number}-{index}" for index in range(5)]
        for name in names:
            name.write_bytes(picture)
        for folder in folders:
            folder.mkdir()
            (folder / "canary.jpg").write_bytes(picture)
        time.sleep(chance.uniform(0.3, 0.7))
        for name in reversed(names):
            hidden.symlink_to(outside / "canary.jpg")
            hidden.rename(name)
        for folder in folders:
            folder.rename(folder.with_name("." + folder.name))
            folder.symlink_to(outside)


def ended(service: Service, expected: dict[bytes, bytes | None]) -> int:
    rows = service.rows("SELECT name FROM arrival WHERE state IN ('done', 'failed')")
    return sum(row["name"] in expected for row in rows)


def endings(service: Service, expected: dict[bytes, bytes | None], kinds: dict[bytes, str]) -> list[str]:
    """Each file has one row, one place, its content, and a reason where it failed."""
    places: dict[int, bytes] = {}
    for folder in ("done", "failed"):
        for path, _, names in os.walk(os.fsencode(service.root / folder)):
            for name in names:
                if folder == "failed" and is_reason(path, name):
                    continue
                places[int(name.split(b"-", 1)[0])] = os.path.join(path, name)
    rows: dict[bytes, list] = {}
    for row in service.rows("SELECT * FROM arrival"):
        rows.setdefault(row["name"], []).append(row)
    found = []
    for name, content in expected.items():
        what = f"{name!r} ({kinds.get(name, 'in a folder')})"
        own = rows.get(name, [])
        if len(own) != 1:
            found.append(f"{what} has {len(own)} rows")
            continue
        row = own[0]
        place = places.get(row["id"])
        if row["state"] not in ("done", "failed"):
            found.append(f"{what} is {row['state']}")
        elif place is None or f"/{row['state']}/".encode() not in place:
            found.append(f"{what} is {row['state']} and lies in {place!r}")
        elif content is not None and Path(os.fsdecode(place)).read_bytes() != content:
            found.append(f"{what} is not what was dropped")
        elif row["state"] == "failed" and not (row["error_text"] and reason_beside(place)):
            found.append(f"{what} failed without a reason")
        if row["error_code"] == "internal":
            found.append(f"{what} is called an internal error: {row['error_text']}")
    return found


def is_reason(folder: bytes, name: bytes) -> bool:
    """Dropped files may end with .txt, too; a reason's last line says its code."""
    place = os.path.join(folder, name)
    if not name.endswith(b".txt") or os.path.islink(place):
        return False
    with open(place, "rb") as file:
        return b"\ncode: " in file.read()[-100:]


def reason_beside(place: bytes) -> bool:
    """A long name is cut before its extension to make room for `.txt`, so that only its head is sure."""
    head = os.path.basename(place)[:100]
    folder = os.path.dirname(place)
    return any(name.startswith(head) and is_reason(folder, name) for name in os.listdir(folder))


def links_taken(service: Service) -> list[str]:
    """A link that is moved leads somewhere else, or into a share where it is followed."""
    links = []
    for folder in ("work", "done", "failed", "outbox"):
        for path, folders, names in os.walk(os.fsencode(service.root / folder)):
            places = [os.path.join(path, name) for name in folders + names]
            links += [place for place in places if os.path.islink(place)]
    return [f"{len(links)} links were taken, one is {links[0]!r}"] if links else []


def unreported(service: Service, special: list[bytes]) -> list[str]:
    messages = service.messages()
    return [f"nothing is said of {name!r}" for name in special if readable(name) not in messages]


def readable(name: bytes) -> str:
    """As the daemon writes names: what is not UTF-8 and what could move a terminal's cursor is U+FFFD."""
    hidden = ("Cc", "Cf", "Zl", "Zp", "Cs")
    text = name.decode(errors="replace")
    return "".join("\ufffd" if unicodedata.category(character) in hidden else character for character in text)


def control_characters(service: Service) -> list[str]:
    found = []
    for line in service.messages().split("\n"):
        if readable(line.encode()) != line:
            found.append(f"a message holds control characters: {line!r}")
    return found[:20]
