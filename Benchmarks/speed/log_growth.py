# SPDX-License-Identifier: Apache-2.0
"""Whether a log of many rows is slower: inserts, and what `gradcam log` asks.

    log_growth.py MODEL [--rows N ...]

One image is explained by the real service; its rows are then copied, with other numbers, names, times and hashes, until
there are enough. Then an image's rows are inserted and committed as the service does (synchronous=FULL), the command is
timed, and SQLite is asked how it plans the queries.
"""

import itertools
import os
import sqlite3
import subprocess
import time
from pathlib import Path

import measuring
from growth import fill, tiny_network
from service import Service

BATCH = 100_000
REPEATS = 9
#: The first ones wait for a disk that was just given gigabytes, and for pages that were not read before.
FIRST_INSERTIONS = 400
INSERTIONS = 400
#: What tells copies apart. :n is the number of the copy, times grow by a second a row.
TIME = "strftime('%Y-%m-%dT%H:%M:%fZ', 1700000000 + :n, 'unixepoch')"
#: As ClaimID.swift has it: the time first, so that new ones follow the old ones.
CLAIM = "printf('%012x%012x', 1700000000000 + 1000 * :n, random() & 0xffffffffffff)"
COPIES = {
    "arrival": {
        "id": ":n", "claim": CLAIM, "name_text": "'picture-' || :n", "name": "CAST('picture-' || :n AS BLOB)",
        "claimed_at": TIME, "finished_at": TIME, "sha256": "randomblob(32)",
    },
    "explanation": {"id": ":n", "arrival_id": ":n"},
    "detection": {"id": ":n", "explanation_id": ":n", "label": "'label ' || (:n % 1000)"},
    "heat_map": {"detection_id": ":n"},
}  # fmt: skip
COMMANDS = {
    "the last 20": [],
    "of the last hour": ["--since", "2023-11-14T22:13:20"],
    "of a label": ["--label", "label 7"],
}
QUERIES = {
    "the last rows": "SELECT * FROM log ORDER BY time DESC, id DESC LIMIT 20",
    "by number": "SELECT * FROM log ORDER BY id DESC LIMIT 20",
    "since": "SELECT * FROM log WHERE time >= '2026' ORDER BY time DESC, id DESC LIMIT 20",
    "a name (gradcam why)": "SELECT * FROM log WHERE name = 'picture-77' ORDER BY id DESC LIMIT 1",
    "failures": "SELECT * FROM failures ORDER BY id DESC LIMIT 20",
    "equal content": "SELECT id FROM arrival WHERE sha256 = x'00' AND state = 'done'",
    "what is open": "SELECT id FROM arrival WHERE state IN ('claimed', 'waiting')",
}


def copying(log: sqlite3.Connection) -> dict[str, str]:
    """A statement for each table that copies its only row :first ... :last - 1 times."""
    statements = {}
    for table, changed in COPIES.items():
        columns = [row[1] for row in log.execute(f"PRAGMA table_info({table})")]
        changed = {column: text for column, text in changed.items() if column in columns}
        values = [changed.get(column, f"template.{column}").replace(":n", "n") for column in columns]
        key = "detection_id" if table == "heat_map" else "id"
        statements[table] = (
            "WITH RECURSIVE number(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM number WHERE n + 1 < :last) "
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM number, "
            f"(SELECT * FROM {table} ORDER BY {key} LIMIT 1) AS template"
        )
    return statements


def grow(log: sqlite3.Connection, statements: dict[str, str], count: int) -> None:
    first = log.execute("SELECT max(id) FROM arrival").fetchone()[0] + 1
    while first <= count:
        last = min(first + BATCH, count + 1)
        insert(log, statements, first, last)
        first = last


def insert(log: sqlite3.Connection, statements: dict[str, str], first: int, last: int) -> None:
    log.execute("BEGIN IMMEDIATE")
    for statement in statements.values():
        log.execute(statement, {"first": first, "last": last})
    log.execute("COMMIT")


def timed(body, repeats: int = REPEATS) -> float:
    """Milliseconds, the median of several."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        body()
        times.append(1000 * (time.perf_counter() - start))
    return measuring.median(times)


def measure(options, file: Path, log: sqlite3.Connection, statements: dict[str, str], count: int) -> list:
    log.execute("PRAGMA synchronous = OFF")
    grow(log, statements, count)
    log.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    log.execute("PRAGMA synchronous = FULL")
    # Gigabytes that wait for the disk would be waited for by the first commit.
    os.sync()
    next_id = itertools.count(count + 1)

    def insert_one() -> None:
        number = next(next_id)
        insert(log, statements, number, number + 1)

    timed(insert_one, FIRST_INSERTIONS)
    times = [timed(insert_one, INSERTIONS)]
    for arguments in COMMANDS.values():
        command = [options.programs / "gradcam", "log", "--log", file, *arguments]
        run = lambda command=command: subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: E731
        run()
        times.append(timed(run))
    for query in QUERIES.values():
        times.append(timed(lambda query=query: log.execute(query).fetchall()))
    return times


def main() -> None:
    parser = measuring.arguments(__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    options = parser.parse_args()
    service = Service(options.programs, tiny_network(options.model, options.work / "models/tiny"), options.work / "trees")
    with service:
        fill(service.inbox, 1)
        service.wait_for(1)
        service.stop()
        log = sqlite3.connect(service.log, isolation_level=None)
        statements = copying(log)
        found = [measure(options, service.log, log, statements, count) for count in options.rows]
        names = ["insert and commit an image's rows"]
        names += [f"`gradcam log`, {name}" for name in COMMANDS] + [f"query: {name}" for name in QUERIES]
        print(f"### Rows in the log; {measuring.machine()}\n")
        rows = [
            [name, *(f"{value:.2f}" for value in values), f"{values[-1] / values[0]:.2f}"]
            for name, values in zip(names, zip(*found))
        ]
        measuring.table(["ms", *(f"{count:,} rows" for count in options.rows), "last over first"], rows)
        for name, query in QUERIES.items():
            plan = [row[3] for row in log.execute("EXPLAIN QUERY PLAN " + query)]
            print(f"* {name}: " + "; ".join(f"`{step}`" for step in plan))
        print()
        log.close()


if __name__ == "__main__":
    main()
