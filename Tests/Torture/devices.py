"""A tree on two file systems is refused: a rename between them would fail for every image."""

import os
import subprocess

from pictures import picture
from service import Service, ServiceProblem

FOLDERS = ["work", "done", "failed", "outbox"]
#: EX_CONFIG of sysexits.h.
REFUSED = 78


def run(small: bool) -> list[str]:
    if os.geteuid() != 0:
        print("devices: left out, mounts need root")
        return []
    found: list[str] = []
    for folder in FOLDERS:
        found += play(folder)
    print(f"devices: {len(FOLDERS)} folders on another file system, {len(found)} violations")
    return found


def play(folder: str) -> list[str]:
    with Service() as service:
        place = service.root / folder
        place.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "none", place], check=True)
        try:
            service.drop("one.png", picture(1))
            try:
                service.start()
            except ServiceProblem:
                pass
            if service.is_running:
                return [f"{folder}: it started"]
            found = [] if service.wait() == REFUSED else [f"{folder}: it ended with status {service.wait()}"]
            if f"{folder} " not in service.messages() and "one file system" not in service.messages():
                found.append(f"{folder}: nothing was said of it")
            if not (service.inbox / "one.png").exists():
                found.append(f"{folder}: the image is gone")
            return found
        finally:
            service.kill()
            subprocess.run(["umount", "--lazy", place], check=True)
