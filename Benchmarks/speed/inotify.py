# SPDX-License-Identifier: Apache-2.0
"""Tells when a file is renamed into a folder, inotify(7), for there is nothing for it in Python's library."""

import ctypes
import os
import select
import struct
from pathlib import Path

IN_MOVED_TO, IN_CREATE, IN_CLOEXEC = 0x80, 0x100, 0o2000000


class Arrivals:
    def __init__(self, *folders: Path):
        self.library = ctypes.CDLL(None, use_errno=True)
        self.descriptor = self.library.inotify_init1(IN_CLOEXEC)
        for folder in folders:
            self.add(folder)

    def add(self, folder: Path) -> None:
        if self.library.inotify_add_watch(self.descriptor, os.fsencode(folder), IN_MOVED_TO | IN_CREATE) < 0:
            raise OSError(ctypes.get_errno(), "inotify_add_watch", str(folder))

    def wait(self, seconds: float) -> list[str]:
        """Names, in the order of their events; none where nothing came in time."""
        if not select.select([self.descriptor], [], [], seconds)[0]:
            return []
        data, names, offset = os.read(self.descriptor, 65536), [], 0
        while offset < len(data):
            _, _, _, length = struct.unpack_from("iIII", data, offset)
            names.append(data[offset + 16 : offset + 16 + length].rstrip(b"\0").decode())
            offset += 16 + length
        return names

    def close(self) -> None:
        os.close(self.descriptor)
