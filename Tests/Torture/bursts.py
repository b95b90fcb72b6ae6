"""Folders that are made, filled, moved and renamed faster than anybody can watch them: no file is missed."""

import os
import random
import shutil
from pathlib import Path

from invariants import violations
from load import ended
from pictures import picture
from service import Service

SEED = 7


class Burst:
    """A few files into new folders of the inbox without any pause. Names say which burst they are of."""

    def __init__(self, number: int, inbox: Path, staging: Path):
        self.number = number
        self.top = inbox / f"burst-{number}"
        self.inbox = inbox
        self.staging = staging / f"staged-{number}"
        self.dropped: dict[bytes, bytes] = {}

    def file(self, folder: Path) -> Path:
        """A new whole file in `folder`."""
        name = f"{self.number:04}-{len(self.dropped)}.png"
        content = picture(self.number * 10 + len(self.dropped))
        (folder / name).write_bytes(content)
        self.dropped[name.encode()] = content
        return folder / name

    def staged(self) -> Path:
        self.staging.mkdir(exist_ok=True)
        return self.file(self.staging)

    def nested_then_moved(self) -> None:
        prepared = self.staged()
        deep = self.top / "a/b/c"
        deep.mkdir(parents=True)
        prepared.rename(deep / prepared.name)

    def nested_then_copied(self) -> None:
        prepared = self.staged()
        deep = self.top / "a/b/c"
        deep.mkdir(parents=True)
        shutil.copy2(prepared, deep / prepared.name)

    def nested_then_linked(self) -> None:
        prepared = self.staged()
        deep = self.top / "a/b/c"
        deep.mkdir(parents=True)
        os.link(prepared, deep / prepared.name)

    def every_level(self) -> None:
        folder = self.top
        for level in "abcd":
            folder.mkdir()
            self.file(folder)
            folder /= level

    def moved_in(self) -> None:
        self.staging.mkdir()
        (self.staging / "a/b").mkdir(parents=True)
        self.file(self.staging)
        self.file(self.staging / "a/b")
        self.staging.rename(self.top)
        self.file(self.top / "a")

    def renamed(self) -> None:
        self.top.mkdir()
        self.file(self.top)
        self.top.rename(renamed := self.top.with_name(self.top.name + "-new"))
        self.file(renamed)

    def renamed_below(self) -> None:
        (self.top / "a/b").mkdir(parents=True)
        self.file(self.top / "a/b")
        (self.top / "a").rename(self.top / "z")
        self.file(self.top / "z/b")
        self.top.rename(self.inbox / f"again-{self.number}")
        self.file(self.inbox / f"again-{self.number}/z/b")

    def name_used_again(self) -> None:
        self.top.mkdir()
        self.top.rmdir()
        self.top.mkdir()
        self.file(self.top)
        self.top.rename(old := self.top.with_name(self.top.name + "-old"))
        self.top.mkdir()
        self.file(self.top)
        self.file(old)

    def exchanged(self) -> None:
        other = self.top.with_name(self.top.name + "-other")
        for folder in (self.top, other):
            folder.mkdir()
            self.file(folder)
        between = self.top.with_name(self.top.name + "-between")
        self.top.rename(between)
        other.rename(self.top)
        between.rename(other)
        for folder in (self.top, other):
            self.file(folder)

    def out_and_back(self) -> None:
        """A folder that leaves the inbox and comes back; what is dropped into it outside counts when it is back."""
        self.top.mkdir()
        self.file(self.top)
        self.top.rename(self.staging)
        self.file(self.staging)
        self.staging.rename(self.top)

    def out_of_a_hidden_folder(self) -> None:
        """As rsync --delay-updates: whole files wait in a hidden folder until all are there."""
        hidden = self.top / ".~tmp~"
        hidden.mkdir(parents=True)
        waiting = self.file(hidden)
        waiting.rename(self.top / waiting.name)


KINDS = [
    Burst.nested_then_moved, Burst.nested_then_copied, Burst.nested_then_linked, Burst.every_level, Burst.moved_in,
    Burst.renamed, Burst.renamed_below, Burst.name_used_again, Burst.exchanged, Burst.out_and_back,
    Burst.out_of_a_hidden_folder,
]  # fmt: skip


def run(small: bool) -> list[str]:
    bursts = 50 if small else 500
    chance = random.Random(SEED)
    settings = ["inbox.rescan_seconds=3600", "inbox.settle_seconds=0.3"]
    with Service(worker="fast", workers=2, settings=settings) as service:
        staging = service.top / "staging"
        staging.mkdir()
        service.start()
        dropped: dict[bytes, bytes] = {}
        for number in range(bursts):
            burst = Burst(number, service.inbox, staging)
            kind = KINDS[number % len(KINDS)] if number < len(KINDS) else chance.choice(KINDS)
            kind(burst)
            dropped |= burst.dropped
        service.until_ended(len(dropped), lambda: ended(service))
        service.stop()
        found = violations(service, dropped)
        print(f"bursts: {bursts} bursts of {len(KINDS)} kinds, {len(dropped)} files, {len(found)} violations")
        return found
