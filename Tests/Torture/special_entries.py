"""What is no file: FIFOs, sockets, devices, links and folders, in an inbox that must not fall for any of them."""

import ctypes
import os
import stat
from pathlib import Path

from hostile_files import ESCAPE


def make_special_entries(inbox: bytes, outside: Path) -> list[bytes]:
    """Makes one of each kind in `inbox`; links point at `outside`, which holds the canary.

    Returns the names, all of which must stay where they are.
    """
    made: list[bytes] = []

    def make(name: bytes, kind: int, device: int = 0) -> None:
        try:
            os.mknod(os.path.join(inbox, name), kind | 0o644, device)
        except PermissionError:
            return  # Devices are root's to make.
        made.append(name)

    def link(name: bytes, target: bytes) -> None:
        os.symlink(target, os.path.join(inbox, name))
        made.append(name)

    make(b"fifo.jpg", stat.S_IFIFO)
    make(b"fifo " + ESCAPE + b".png", stat.S_IFIFO)
    make(b"socket.jpg", stat.S_IFSOCK)
    make(b"null.jpg", stat.S_IFCHR, os.makedev(1, 3))
    make(b"zero.jpg", stat.S_IFCHR, os.makedev(1, 5))
    make(b"disk.jpg", stat.S_IFBLK, os.makedev(240, 0))
    canary = os.fsencode(outside)
    link(b"passwd.jpg", b"/etc/passwd")
    link(b"canary.jpg", canary + b"/canary.jpg")
    link(b"canary\n.jpg", canary + b"/canary.jpg")
    link(b"folder", canary)
    link(b"folder.jpg", canary)
    link(b"dangling.jpg", b"/nowhere/x.jpg")
    link(b"itself.jpg", b"itself.jpg")
    link(b"up", b"..")
    link(b"descriptor.jpg", b"/proc/self/fd/0")
    link(b"long.jpg", b"x/" * 2000)
    return made


def make_folders(inbox: bytes, picture: bytes) -> dict[bytes, bool]:
    """Folders with odd names, each with a picture in it.

    Returns the pictures' paths below the inbox, and whether they are taken: too deep ones stay.
    """
    expected: dict[bytes, bool] = {}
    for number, folder in enumerate([b"x.jpg", b"new\nline", b"\xff", ESCAPE, b"-p", b"%s", b"f" * 255, b"  "]):
        path = folder + b"/in-folder-%d.jpg" % number
        os.mkdir(os.path.join(inbox, folder))
        write(os.path.join(inbox, path), picture)
        expected[path] = True
    for depth, is_taken in [(20, True), (40, False)]:
        path = b"/".join([b"deep-%d" % depth] * depth)
        os.makedirs(os.path.join(inbox, path))
        path += b"/at-depth-%d.jpg" % depth
        write(os.path.join(inbox, path), picture)
        expected[path] = is_taken
    os.makedirs(os.path.join(inbox, b".hidden-folder"))
    write(os.path.join(inbox, b".hidden-folder/in-hidden-folder.jpg"), picture)
    expected[b".hidden-folder/in-hidden-folder.jpg"] = False
    return expected


def write(path: bytes, content: bytes) -> None:
    with open(path, "wb") as file:
        file.write(content)


class Canary:
    """A folder outside the tree that nobody may look into: inotify(7) tells of every open."""

    IN_OPEN = 0x20
    IN_ACCESS = 0x1

    def __init__(self, folder: Path, picture: bytes):
        self.file = folder / "canary.jpg"
        folder.mkdir()
        self.file.write_bytes(picture)
        self.before = self.look()
        self.descriptor = inotify_watching(folder, self.IN_OPEN | self.IN_ACCESS)

    def look(self) -> tuple[bytes, int, int]:
        status = self.file.stat()
        return self.file.read_bytes(), status.st_mtime_ns, status.st_nlink

    def violations(self) -> list[str]:
        try:
            events = os.read(self.descriptor, 65536)
        except BlockingIOError:
            events = b""
        os.close(self.descriptor)
        found = ["somebody opened what a link in the inbox points at"] if events else []
        return found + (["the canary changed"] if self.look() != self.before else [])


def inotify_watching(folder: Path, mask: int) -> int:
    """A descriptor that does not block, and has nothing to read until something of `mask` happens in `folder`."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    if descriptor < 0 or libc.inotify_add_watch(descriptor, os.fsencode(folder), mask) < 0:
        raise OSError(ctypes.get_errno(), "inotify")
    return descriptor
