# SPDX-License-Identifier: Apache-2.0
"""`rival_loop.py` in processes of its own, on a tree of its own: the counterpart of `service.py`."""

import shutil
import sqlite3
import subprocess
import tempfile
import time
from pathlib import Path

import measuring


class Rival:
    def __init__(self, python: Path, name: str, network: str, work: Path, processes: int, threads: int, options=()):
        (work / "trees").mkdir(parents=True, exist_ok=True)
        self.root = Path(tempfile.mkdtemp(prefix="rival-", dir=work / "trees"))
        self.inbox, self.outbox, self.output = self.root / "inbox", self.root / "outbox", self.root / "stderr.txt"
        program = Path(__file__).with_name("rival_loop.py")
        self.command = [
            python, "-W", "ignore", program, name, network, "--models", work / "models", "--root", self.root,
            "--processes", str(processes), "--threads", str(threads), *options,
        ]  # fmt: skip
        self.environment = measuring.environment(threads)

    def __enter__(self) -> "Rival":
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                list(map(str, self.command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=output, text=True,
                env=self.environment,
            )  # fmt: skip
        if self.process.stdout.readline() != "ready\n":
            raise self.failure("did not start")
        return self

    def failure(self, what: str) -> RuntimeError:
        """With what the rival said last."""
        self.process.stdin.close()
        self.process.wait(timeout=60)
        said = self.output.read_text(errors="replace")[-2000:]
        shutil.rmtree(self.root, ignore_errors=True)
        return RuntimeError(f"{' '.join(map(str, self.command))} {what}, status {self.process.returncode}: {said}")

    def __exit__(self, *_) -> None:
        self.process.stdin.close()
        self.process.wait(timeout=60)
        shutil.rmtree(self.root, ignore_errors=True)

    def wait_for(self, count: int, seconds: float = 900) -> float:
        """- Returns: when the last of so many rows was written, in seconds since 1970."""
        end = time.monotonic() + seconds
        while True:
            log = sqlite3.connect(f"file:{self.root}/log.db?mode=ro", uri=True, timeout=30)
            done, last = log.execute("SELECT count(*), max(finished_at) FROM result").fetchone()
            log.close()
            if done >= count:
                return last
            if self.process.poll() is not None or time.monotonic() > end:
                raise self.failure(f"ended after {done} of {count} images")
            time.sleep(measuring.POLL_SECONDS)
