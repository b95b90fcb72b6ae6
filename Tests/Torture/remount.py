"""The inbox goes away and comes back: nothing of a wrong folder is taken, and the work goes on by itself.

Mounts need root, and are made in a namespace of the test's own when `torture.py` runs under `unshare --mount`.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Callable

from invariants import violations
from load import ended
from pictures import picture
from service import Service

#: R13: it is noticed within 15 seconds; what a slow machine adds is not what this is about.
NOTICED_SECONDS = 30
#: For so long nothing must be taken from a wrong folder: longer than settling and the look at the folder's identity.
QUIET_SECONDS = 12
STRANGER = b"of-a-wrong-folder.png"


class Scene:
    """A running service whose inbox is played with."""

    def __init__(self, service: Service):
        self.service = service
        self.inbox = service.inbox
        self.dropped: dict[bytes, bytes] = {}
        self.found: list[str] = []
        self.pid = service.pid

    def drop(self, name: str, folder=None) -> None:
        """A picture that must be explained sooner or later."""
        content = picture(len(self.dropped))
        ((folder or self.inbox) / name).write_bytes(content)
        self.dropped[name.encode()] = content

    def drop_stranger(self) -> None:
        """A picture in a folder that is not the inbox, whatever its path."""
        (self.inbox / os.fsdecode(STRANGER)).write_bytes(picture(99))

    def expect_notice(self, since: int, what: str) -> None:
        """The daemon says that the inbox is gone, and does not end."""
        if not self.wait(lambda: "inbox" in self.service.messages()[since:], NOTICED_SECONDS):
            self.found.append(f"{what}: nothing was said of it")
        if not self.service.is_running:
            self.found.append(f"{what}: the daemon ended")

    def expect_quiet(self, what: str) -> None:
        """Nothing is taken while the inbox is away."""
        before = ended(self.service)
        self.wait(lambda: False, QUIET_SECONDS)
        if ended(self.service) != before:
            self.found.append(f"{what}: something was taken meanwhile")

    def expect_all(self, what: str, may_restart: bool = False) -> None:
        """Everything is explained by itself; with `may_restart` after an end and a start, which systemd sees to."""
        is_over = self.wait(self.is_over, 60)
        if may_restart and not self.service.is_running:
            self.service.start()
            self.pid = self.service.pid
            is_over = self.wait(self.is_over, 60)
        if not is_over:
            self.found.append(f"{what}: {len(self.dropped) - ended(self.service)} files wait after it was back")

    def is_over(self) -> bool:
        return ended(self.service) >= len(self.dropped)

    def wait(self, condition: Callable[[], bool], seconds: float) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.service.is_running:
            if condition():
                return True
            time.sleep(0.1)
        return condition()


def moved_away(scene: Scene) -> None:
    away = scene.inbox.with_name("away")
    since = len(scene.service.messages())
    scene.inbox.rename(away)
    scene.drop("moved-while-away.png", away)
    scene.expect_notice(since, "moved away")
    scene.expect_quiet("moved away")
    away.rename(scene.inbox)
    scene.drop("moved-back.png")
    scene.expect_all("moved away")


def replaced(scene: Scene) -> None:
    """A folder of the same name that nobody said is the inbox."""
    away = scene.inbox.with_name("away")
    since = len(scene.service.messages())
    scene.inbox.rename(away)
    scene.inbox.mkdir(mode=0o770)
    scene.drop_stranger()
    scene.expect_notice(since, "replaced")
    scene.expect_quiet("replaced")
    shutil.rmtree(scene.inbox)
    away.rename(scene.inbox)
    scene.drop("replaced-back.png")
    scene.expect_all("replaced")


def mounted_over(scene: Scene) -> None:
    """A mount hides the inbox: no event tells of it."""
    since = len(scene.service.messages())
    mount("-t", "tmpfs", "none", scene.inbox)
    try:
        scene.drop_stranger()
        scene.expect_notice(since, "mounted over")
        scene.expect_quiet("mounted over")
    finally:
        unmount(scene.inbox)
    scene.drop("uncovered.png")
    scene.expect_all("mounted over")


def unmounted(scene: Scene) -> None:
    """The whole tree is on a share that is unmounted while it is in use, and mounted again."""
    since = len(scene.service.messages())
    unmount(scene.service.root)
    scene.inbox.mkdir(mode=0o770, exist_ok=True)
    scene.drop_stranger()
    scene.expect_notice(since, "unmounted")
    scene.expect_quiet("unmounted")
    shutil.rmtree(scene.inbox)
    mount("--bind", backing(scene.service), scene.service.root)
    scene.drop("mounted-again.png")
    # All folders of the tree must be opened anew.
    scene.expect_all("unmounted", may_restart=True)


SCENARIOS: list[tuple[Callable[[Scene], None], bool]] = [
    (moved_away, False), (replaced, False), (mounted_over, True), (unmounted, True),
]  # fmt: skip


def run(small: bool) -> list[str]:
    found: list[str] = []
    skipped = []
    for scenario, needs_mounts in SCENARIOS[:2] if small else SCENARIOS:
        if needs_mounts and os.geteuid() != 0:
            skipped.append(scenario.__name__)
            continue
        found += play(scenario, needs_mounts)
    note = f", without root skipped: {', '.join(skipped)}" if skipped else ""
    print(f"remount: {len(found)} violations{note}")
    return found


def play(scenario: Callable[[Scene], None], needs_mounts: bool) -> list[str]:
    with Service(worker="fast", workers=2) as service:
        if needs_mounts:
            backing(service).mkdir()
            mount("--bind", backing(service), service.root)
        try:
            service.start()
            scene = Scene(service)
            scene.drop("before.png")
            scene.expect_all("at the start")
            scenario(scene)
            if service.is_running:
                if service.pid != scene.pid:
                    scene.found.append(f"{scenario.__name__}: it is another process")
                service.stop()
            scene.found += [f"{scenario.__name__}: {text}" for text in violations(service, scene.dropped)]
            return scene.found
        finally:
            service.kill()
            if needs_mounts:
                subprocess.run(["umount", "--lazy", service.root], check=False, stderr=subprocess.DEVNULL)


def backing(service: Service):
    return service.top / "backing"


def mount(*arguments) -> None:
    subprocess.run(["mount", *arguments], check=True)


def unmount(path) -> None:
    """Lazily, for the daemon holds the folders open."""
    subprocess.run(["umount", "--lazy", path], check=True)
