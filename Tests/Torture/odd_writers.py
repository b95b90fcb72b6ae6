"""Ways in which programs put a file into a folder. Each function blocks until its file is whole.

What real programs do was taken from their sources and from strace(1): browsers download beside the name and rename,
rsync writes to a dot name, scp and sftp write in place, smbd creates, closes, sets times and opens again.
"""

import ctypes
import os
import random
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]

PROT_READ_WRITE = 3
MAP_SHARED = 1
LONG_AGO = (946_684_800, 946_684_800)


class Writer:
    """One file on its way: its folder, its name, its whole content, and where to prepare it on the same disk."""

    def __init__(self, inbox: Path, name: str, content: bytes, staging: Path, seed: int):
        self.path = inbox / name
        self.content = content
        self.staging = staging / name
        self.chance = random.Random(seed)

    def chunks(self) -> list[tuple[int, bytes]]:
        """The content in 2 to 20 parts, each with its offset."""
        count = self.chance.randint(2, 20)
        cuts = sorted(self.chance.sample(range(1, len(self.content)), count - 1))
        bounds = [0, *cuts, len(self.content)]
        return [(start, self.content[start:end]) for start, end in zip(bounds, bounds[1:])]

    def pause(self, shortest: float, longest: float) -> None:
        time.sleep(self.chance.uniform(shortest, longest))

    # In place, with the file open all the time.

    def quick_chunks(self) -> None:
        with open(self.path, "wb", buffering=0) as file:
            for _, chunk in self.chunks():
                file.write(chunk)
                self.pause(0.05, 0.5)

    def slow_chunks(self) -> None:
        """Gaps far above the settle time: only the lease shows the writer."""
        with open(self.path, "wb", buffering=0) as file:
            for index, (_, chunk) in enumerate(self.chunks()):
                file.write(chunk)
                if index < 4:
                    self.pause(2, 4)

    def backwards(self) -> None:
        """As downloads in pieces: the size is right at once, the holes are filled from behind."""
        with open(self.path, "wb", buffering=0) as file:
            for offset, chunk in reversed(self.chunks()):
                file.seek(offset)
                file.write(chunk)
                self.pause(0.05, 1)

    def preallocated(self) -> None:
        with open(self.path, "wb", buffering=0) as file:
            os.posix_fallocate(file.fileno(), 0, len(self.content))
            self.pause(2, 4)
            file.write(self.content)

    # In place, opened several times.

    def reopened(self) -> None:
        """Scanners close the file between pages; the gaps stay below the settle time."""
        self.append_in_turns(0.2, 1)

    def reopened_slowly(self) -> None:
        """Gaps above the settle time: only an unfinished picture shows that more will come."""
        self.append_in_turns(2, 4, at_most=4)

    def append_in_turns(self, shortest: float, longest: float, at_most: int = 20) -> None:
        chunks = self.chunks()
        head, tail = chunks[: at_most - 1], chunks[at_most - 1 :]
        parts = [chunk for _, chunk in head] + ([b"".join(chunk for _, chunk in tail)] if tail else [])
        for index, part in enumerate(parts):
            with open(self.path, "ab", buffering=0) as file:
                file.write(part)
            if index < len(parts) - 1:
                self.pause(shortest, longest)

    def two_phases(self) -> None:
        """smbd for a copy from Windows: create, close, set the times, open again, write, close, set the times."""
        self.path.touch()
        os.utime(self.path, LONG_AGO)
        self.pause(0.5, 3)
        with open(self.path, "r+b", buffering=0) as file:
            for _, chunk in self.chunks():
                file.write(chunk)
                self.pause(0.01, 0.1)
        os.utime(self.path, LONG_AGO)

    def rewritten(self) -> None:
        """An editor that saves twice."""
        self.path.write_bytes(self.content[: len(self.content) // 2])
        self.pause(0.1, 0.4)
        self.path.write_bytes(self.content)

    def secure_copy(self) -> None:
        """scp: in place, then the mode, then the times."""
        with open(self.path, "wb", buffering=0) as file:
            for _, chunk in self.chunks():
                file.write(chunk)
                self.pause(0.01, 0.3)
            os.fchmod(file.fileno(), 0o640)
        os.utime(self.path, LONG_AGO)

    def mapped(self) -> None:
        """Written through a mapping after the descriptor was closed: no event tells of it."""
        size = len(self.content)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o640)
        os.ftruncate(descriptor, size)
        address = libc.mmap(None, size, PROT_READ_WRITE, MAP_SHARED, descriptor, 0)
        os.close(descriptor)
        assert address != ctypes.c_void_p(-1).value, "mmap failed"
        for index, (offset, chunk) in enumerate(self.chunks()):
            ctypes.memmove(address + offset, chunk, len(chunk))
            if index < 4:
                self.pause(0.5, 2.5)
        libc.munmap(address, size)

    # Beside the name, renamed at the end.

    def chromium(self) -> None:
        self.renamed(self.path.with_name(self.path.name + ".crdownload"))

    def firefox(self) -> None:
        """An empty file keeps the name while the download grows beside it."""
        self.path.touch()
        self.renamed(self.path.with_name(self.path.name + ".part"))

    def file_manager(self) -> None:
        self.renamed(self.path.with_name(f".goutputstream-{self.chance.randrange(10**6):06}"))

    def filezilla(self) -> None:
        self.renamed(self.path.with_name(self.path.name + ".filepart"))

    def renamed(self, temporary: Path) -> None:
        with open(temporary, "wb", buffering=0) as file:
            for index, (_, chunk) in enumerate(self.chunks()):
                file.write(chunk)
                if index < 4:
                    self.pause(0.1, 2)
        self.pause(0.1, 2.5)
        temporary.rename(self.path)

    def rsync(self) -> None:
        self.prepare()
        subprocess.run(["rsync", "--times", "--bwlimit=100", self.staging, f"{self.path.parent}/"], check=True)

    def rsync_in_place(self) -> None:
        self.prepare()
        subprocess.run(["rsync", "--inplace", "--bwlimit=100", self.staging, f"{self.path.parent}/"], check=True)

    # Whole at once.

    def moved(self) -> None:
        self.prepare()
        self.staging.rename(self.path)

    def linked(self) -> None:
        self.prepare()
        os.link(self.staging, self.path)

    def copied_with_old_times(self) -> None:
        self.prepare()
        os.utime(self.staging, LONG_AGO)
        subprocess.run(["cp", "-a", self.staging, self.path], check=True)

    def installed(self) -> None:
        self.prepare()
        subprocess.run(["install", "-m", "600", self.staging, self.path], check=True)

    def unreadable_first(self) -> None:
        """Root reads it all the same; a daemon with a user of its own waits for the mode."""
        self.prepare()
        os.chmod(self.staging, 0)
        self.staging.rename(self.path)
        self.pause(1, 3)
        try:
            os.chmod(self.path, 0o644)
        except FileNotFoundError:
            pass

    def prepare(self) -> None:
        self.staging.write_bytes(self.content)


#: The ways that lease, events and quiet time see; `reopened_slowly` only an unfinished picture shows.
KINDS: list[Callable[[Writer], None]] = [
    Writer.quick_chunks, Writer.slow_chunks, Writer.backwards, Writer.preallocated, Writer.reopened,
    Writer.two_phases, Writer.rewritten, Writer.secure_copy, Writer.mapped, Writer.chromium, Writer.firefox,
    Writer.file_manager, Writer.filezilla, Writer.moved, Writer.linked, Writer.copied_with_old_times,
    Writer.installed, Writer.unreadable_first,
]  # fmt: skip

HAS_RSYNC = shutil.which("rsync") is not None
if HAS_RSYNC:
    KINDS += [Writer.rsync, Writer.rsync_in_place]
