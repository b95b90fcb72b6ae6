# SPDX-License-Identifier: Apache-2.0
"""gradcam-worker by itself, as the daemon starts it."""

import json
import subprocess
import sys
from pathlib import Path

import measuring


class Worker:
    """With one thread. Started and loaded when it is made."""

    # As WorkerLaunch.swift has them.
    TUNABLES = {"arena_max": 1, "mmap_threshold": 1 << 30, "trim_threshold": 1 << 28, "top_pad": 1 << 26}

    def __init__(self, program: Path, model: Path, precision: str = "float32"):
        tunables = ":".join(f"glibc.malloc.{name}={value}" for name, value in self.TUNABLES.items())
        environment = {**measuring.environment(1), "OMP_WAIT_POLICY": "PASSIVE", "GLIBC_TUNABLES": tunables}
        command = [program, "--model", model, "--precision", precision]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self.answer()

    def answer(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"gradcam-worker ended with status {self.process.wait()}")
        answer = json.loads(line)
        if answer["kind"] == "failed":
            sys.exit(f"gradcam-worker: {answer['failure']['message']}")
        return answer

    def explain(self, file: Path, **wanted) -> dict:
        """- Returns: the explanation, of which `wanted` is the rest of the request."""
        print(json.dumps({"image": str(file), **wanted}), file=self.process.stdin, flush=True)
        return self.answer()["explanation"]

    def end(self) -> None:
        self.process.stdin.close()
        self.process.wait()
