"""What must hold after everything: each dropped file in one place, with one row, whole, and nothing left over."""

import hashlib
import os
import sqlite3
from collections import Counter
from collections.abc import Collection
from pathlib import Path

from fast_worker import overlay_of
from pictures import is_picture
from service import Service


def violations(
    service: Service, dropped: dict[bytes, bytes], allow_failed: Collection[str] = (), originals: str = "archive"
) -> list[str]:
    """What is wrong, one sentence each. To be asked when the daemon has ended and had nothing left to do.

    `dropped` maps names, or paths below the inbox, to contents; names are unique, for the folders of a file are not
    known any more where the daemon died between its rename and its row. A picture may fail with the codes in
    `allow_failed` only, and what is no picture must fail. `originals` is the policy that the service ran with.
    """
    found = of_database(service)
    rows = service.rows("SELECT * FROM arrival ORDER BY id")
    contents = {os.path.basename(name): content for name, content in dropped.items()}
    found += of_arrivals(rows, contents, allow_failed)
    found += of_places(service, rows, contents, originals)
    found += of_explanations(service, rows, contents)
    found += left_over(service)
    return found


def of_database(service: Service) -> list[str]:
    found = [f"integrity_check: {row[0]}" for row in service.rows("PRAGMA integrity_check") if row[0] != "ok"]
    return found + [f"foreign_key_check: {tuple(row)}" for row in service.rows("PRAGMA foreign_key_check")]


# Rows


def of_arrivals(rows: list[sqlite3.Row], contents: dict[bytes, bytes], allow_failed: Collection[str]) -> list[str]:
    """Exactly one row each, and the right end."""
    found = []
    counts = Counter(os.path.basename(row["name"]) for row in rows)
    for name in contents:
        if counts[name] != 1:
            found.append(f"{name!r} has {counts[name]} rows")
    for row in rows:
        name = os.path.basename(row["name"])
        what = f"{name!r} (row {row['id']})"
        if name not in contents:
            found.append(f"{what} was never dropped")
            continue
        if row["state"] not in ("done", "failed"):
            found.append(f"{what} is {row['state']}")
        elif row["state"] == "done" and not is_picture(contents[name]):
            found.append(f"{what} is done and no picture")
        elif row["state"] == "failed" and is_picture(contents[name]) and row["error_code"] not in allow_failed:
            found.append(f"{what} failed: {row['error_code']}: {row['error_text']}")
        if row["sha256"] != hashlib.sha256(contents[name]).digest():
            found.append(f"{what} has the hash of another content")
        if not 1 <= row["attempt"] <= 3:
            found.append(f"{what} has attempt {row['attempt']}")
    return found


# Files


def files(folder: Path) -> list[bytes]:
    """Every file below a folder."""
    return [os.path.join(path, name) for path, _, names in os.walk(os.fsencode(folder)) for name in names]


def content_of(path: bytes) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def identifier(path: bytes) -> int | None:
    """Of the row that a file belongs to: what we name begins with it."""
    number = os.path.basename(path).split(b"-", 1)[0]
    return int(number) if number.isdigit() else None


def is_reason(path: bytes) -> bool:
    """Dropped files may end with .txt, too; a reason's last line says its code."""
    return path.endswith(b".txt") and b"\ncode: " in content_of(path)[-100:]


def places_by_content(service: Service) -> dict[bytes, list[bytes]]:
    """Where originals lie, by their hashes: everything in done/, failed/, work/, and the visible in inbox/."""
    found: dict[bytes, list[bytes]] = {}
    for folder in ("done", "failed", "work", "inbox"):
        for path in files(service.root / folder):
            below = os.path.relpath(path, os.fsencode(service.root / folder))
            if folder == "inbox" and any(part.startswith(b".") for part in below.split(b"/")):
                continue
            if folder == "failed" and is_reason(path):
                continue
            found.setdefault(hashlib.sha256(content_of(path)).digest(), []).append(path)
    return found


def of_places(
    service: Service, rows: list[sqlite3.Row], contents: dict[bytes, bytes], originals: str
) -> list[str]:
    """By content: as many files as were dropped; and each where its row says that it is."""
    found = []
    places = places_by_content(service)
    # What failed is not deleted.
    staying = [content for content in contents.values() if originals != "delete" or not is_picture(content)]
    expected = Counter(hashlib.sha256(content).digest() for content in staying)
    names = {hashlib.sha256(content).digest(): name for name, content in contents.items()}
    for digest, count in expected.items():
        there = places.get(digest, [])
        if len(there) != count:
            found.append(f"the content of {names[digest]!r} was dropped {count} times and lies in {there}")
    found += [f"{there} was never dropped so" for digest, there in places.items() if digest not in expected]

    by_row: dict[int | None, list[bytes]] = {}
    for there in places.values():
        for path in there:
            by_row.setdefault(identifier(path), []).append(path)
    in_inbox = {os.path.basename(path): [path] for path in files(service.inbox)}
    reasons = {identifier(path) for path in files(service.root / "failed") if is_reason(path)}
    for row in rows:
        if row["state"] not in ("done", "failed"):
            continue
        folder = os.fsencode(service.root / row["state"]) + b"/"
        own = [path for path in by_row.get(row["id"], []) if path.startswith(folder)]
        if originals == "keep":
            own = in_inbox.get(os.path.basename(row["name"]), [])
        if originals == "delete" and row["state"] == "done":
            if own:
                found.append(f"row {row['id']} is done, and its original is still there: {own}")
        elif len(own) != 1:
            found.append(f"row {row['id']} is {row['state']}, and its original lies in {by_row.get(row['id'], [])}")
        elif hashlib.sha256(content_of(own[0])).digest() != row["sha256"]:
            found.append(f"row {row['id']}: its original is another file")
        if (row["state"] == "failed") != (row["id"] in reasons):
            found.append(f"row {row['id']} is {row['state']}, and its reason file is no match for that")
    return found


def of_explanations(service: Service, rows: list[sqlite3.Row], contents: dict[bytes, bytes]) -> list[str]:
    """Whole rows and whole overlays for what is done, and none for the rest."""
    found = []
    explanations = {row["arrival_id"]: row for row in service.rows("SELECT * FROM explanation")}
    detections: dict[int, list[sqlite3.Row]] = {}
    for row in service.rows(
        "SELECT detection.*, heat_map.method FROM detection LEFT JOIN heat_map ON detection_id = detection.id"
    ):
        detections.setdefault(row["explanation_id"], []).append(row)
    for row in rows:
        explanation = explanations.get(row["id"])
        if (row["state"] == "done") != (explanation is not None):
            found.append(f"row {row['id']} is {row['state']} {'with' if explanation else 'without'} an explanation")
        if explanation is None:
            continue
        own = detections.get(explanation["id"], [])
        if not own or any(detection["method"] is None for detection in own):
            found.append(f"row {row['id']} has no detection, or one without heat")
        overlays = {explanation["overlay"]} | {detection["overlay"] for detection in own}
        for overlay in overlays:
            fault = fault_of_overlay(service, overlay, contents.get(os.path.basename(row["name"])))
            if fault:
                found.append(f"row {row['id']}: overlay {overlay!r} {fault}")
    return found


def fault_of_overlay(service: Service, path: str | bytes | None, content: bytes | None) -> str | None:
    if path is None:
        return "is not named"
    try:
        overlay = content_of(os.fsencode(path))
    except OSError as error:
        return f"is not there: {error.strerror}"
    if service.worker == "fast":
        is_whole = content is None or overlay == overlay_of(content)
    else:
        is_whole = overlay.startswith(b"\xff\xd8") and overlay.endswith(b"\xff\xd9")
    return None if is_whole else f"is not whole: {len(overlay)} bytes"


def left_over(service: Service) -> list[str]:
    """Nothing in work/, nothing unfinished, and no file in outbox/ that no row names."""
    named = {
        os.fsencode(row[0])
        for row in service.rows("SELECT overlay FROM explanation UNION SELECT overlay FROM detection")
        if row[0] is not None
    }
    found = [
        f"{path!r} is named by no row"
        for path in files(service.root / "outbox")
        if path not in named and not path.endswith(b".npy")
    ]
    for folder in ("done", "failed", "outbox"):
        found += [
            f"{path!r} is unfinished"
            for path in files(service.root / folder)
            if os.path.basename(path).startswith(b".tmp-")
        ]
    return found + [f"work/{name} is left over" for name in os.listdir(service.root / "work")]
