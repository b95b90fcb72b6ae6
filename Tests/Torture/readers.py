"""People read the log while it is written: nobody gets SQLITE_BUSY, and nobody who reads long stops the writer."""

import os
import sqlite3
import threading
import time
from pathlib import Path

from invariants import violations
from load import ended
from pictures import picture
from service import Service

READERS = 10
WAL_LIMIT = 64 << 20
#: A checkpoint resets the file to the limit only after the writer that outgrew it.
WAL_SLACK = 1 << 20
QUERIES = [
    "SELECT count(*) FROM log",
    "SELECT * FROM log ORDER BY id DESC LIMIT 100",
    "SELECT label, count(*), avg(score) FROM detections GROUP BY label",
    "SELECT name, border_ratio FROM heat WHERE border_ratio > 1",
    "SELECT * FROM failures ORDER BY id DESC LIMIT 10",
]


class PollingReader(threading.Thread):
    """Queries without a pause, and without patience: a timeout of 0 shows every lock."""

    def __init__(self, log: Path, must_stop: threading.Event):
        super().__init__()
        self.log = log
        self.must_stop = must_stop
        self.queries = 0
        self.errors: list[str] = []

    def run(self) -> None:
        while not self.must_stop.is_set():
            try:
                connection = sqlite3.connect(f"file:{self.log}?mode=ro", uri=True, timeout=0)
                for _ in range(20):
                    connection.execute(QUERIES[self.queries % len(QUERIES)]).fetchall()
                    self.queries += 1
                connection.close()
            except sqlite3.Error as error:
                self.errors.append(f"a reader got: {error}")


def run(small: bool) -> list[str]:
    seconds = 5 if small else 60
    with Service(worker="fast", workers=2) as service:
        service.start()
        dropped: dict[bytes, bytes] = {}
        must_stop = threading.Event()
        dropper = threading.Thread(target=drop, args=(service, dropped, must_stop))
        dropper.start()
        service.until_ended(1, lambda: ended(service))

        found, queries, largest = poll(service, seconds)
        found += hold(service, seconds)

        must_stop.set()
        dropper.join()
        service.until_ended(len(dropped), lambda: ended(service))
        service.stop()
        found += violations(service, dropped)
        print(
            f"readers: {READERS} for {seconds} s, {queries} queries while {len(dropped)} files were logged, "
            f"-wal at most {largest / 2**20:.1f} MiB; {len(found)} violations")
        return found


def poll(service: Service, seconds: float) -> tuple[list[str], int, int]:
    must_stop = threading.Event()
    readers = [PollingReader(service.log, must_stop) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    wal = service.log.with_name(service.log.name + "-wal")
    largest = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        largest = max(largest, wal.stat().st_size)
        time.sleep(0.1)
    must_stop.set()
    for reader in readers:
        reader.join()
    found = [error for reader in readers for error in reader.errors[:5]]
    if largest > WAL_LIMIT + WAL_SLACK:
        found.append(f"-wal grew to {largest} bytes")
    return found, sum(reader.queries for reader in readers), largest


def hold(service: Service, seconds: float) -> list[str]:
    """One reader keeps its transaction open all the time."""
    connection = sqlite3.connect(f"file:{service.log}?mode=ro", uri=True, timeout=0, isolation_level=None)
    connection.execute("BEGIN")
    before = connection.execute("SELECT count(*) FROM log").fetchone()[0]
    begin = ended(service)
    time.sleep(seconds)
    written = ended(service) - begin
    found = [] if written > 0 else ["an open read transaction stopped the writer"]
    if connection.execute("SELECT count(*) FROM log").fetchone()[0] != before:
        found.append("an open read transaction saw later writes")
    connection.close()
    return found


def drop(service: Service, dropped: dict[bytes, bytes], must_stop: threading.Event) -> None:
    while not must_stop.is_set():
        name = b"%05d.png" % len(dropped)
        content = picture(len(dropped))
        with open(os.path.join(os.fsencode(service.inbox), name), "wb") as file:
            file.write(content)
        dropped[name] = content
        time.sleep(0.02)
