# SPDX-License-Identifier: Apache-2.0
"""The real gradcamd, with a tree and a log of its own."""

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from pathlib import Path

import measuring

START_SECONDS = 120


class Service:
    """Started at the beginning of `with`, stopped and removed at its end."""

    def __init__(self, programs: Path, model: Path, work: Path, workers: int = 1, threads: int = 1, settings=()):
        work.mkdir(parents=True, exist_ok=True)
        self.top = Path(tempfile.mkdtemp(prefix="service-", dir=work)).resolve()
        self.root, self.log, self.output = self.top / "root", self.top / "log.db", self.top / "stderr.txt"
        self.inbox, self.outbox = self.root / "inbox", self.root / "outbox"
        (self.top / "gradcamd.yaml").write_text(f"root: {self.root}\n")
        self.command = [str(programs / "gradcamd"), "--config", str(self.top / "gradcamd.yaml")]
        for setting in (
            f"model.file={model}", "model.owner=self", f"log.file={self.log}",
            # In the short folder of temporary files: a socket's path has at most 107 bytes.
            f"control.socket={tempfile.gettempdir()}/{self.top.name}.sock",
            f"workers.count={workers}", f"workers.threads={threads}", *settings,
        ):  # fmt: skip
            self.command += ["--set", setting]
        self.process: subprocess.Popen | None = None

    def __enter__(self) -> "Service":
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self.stop()
        shutil.rmtree(self.top, ignore_errors=True)

    def start(self) -> None:
        self.root.mkdir(exist_ok=True)
        self.inbox.mkdir(exist_ok=True)
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        self.wait(lambda: " watching " in self.output.read_text(errors="replace"), START_SECONDS, 0.02)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=60)
        self.process = None

    def wait(self, is_true, seconds: float, interval: float = 0.05) -> None:
        """Until `is_true`; raises what the daemon said last."""
        end = time.monotonic() + seconds
        while not is_true():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("gradcamd: " + self.output.read_text(errors="replace")[-2000:])
            time.sleep(interval)

    def workers(self) -> list[int]:
        """Their process ids."""
        children = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [int(child) for file in children for child in file.read_text().split()]

    @contextlib.contextmanager
    def reader(self):
        connection = sqlite3.connect(f"file:{self.log}?mode=ro", uri=True, timeout=30)
        try:
            yield connection
        finally:
            connection.close()

    def wait_for(self, count: int, seconds: float = 600) -> None:
        """Until so many images are done. One that fails is a mistake of the measurement."""

        def is_finished() -> bool:
            with self.reader() as log:
                states = dict(log.execute("SELECT state, count(*) FROM arrival GROUP BY state"))
            if "failed" in states:
                raise RuntimeError("an image failed: " + self.output.read_text(errors="replace")[-2000:])
            return states.get("done", 0) >= count

        self.wait(is_finished, seconds, measuring.POLL_SECONDS)


def stage(files: list[Path], folder: Path) -> list[Path]:
    """Copies on the inbox's file system, synced, so that a rename is all that is left to do."""
    folder.mkdir(parents=True, exist_ok=True)
    copies = [Path(shutil.copyfile(file, folder / file.name)) for file in files]
    os.sync()
    return copies


def drop(files: list[Path], inbox: Path) -> None:
    for file in files:
        file.rename(inbox / file.name)
