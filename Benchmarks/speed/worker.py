# SPDX-License-Identifier: Apache-2.0
"""gradcam-worker by itself, as the daemon starts it.

    worker.py     prints its environment, for whatever is compared with it
"""

import json
import os
import subprocess
import sys
from pathlib import Path

#: As WorkerLaunch.swift has them. Without the tunables the heap gives memory of activations back and maps it anew, or does
#: not, as blocks happen to lie: page faults would be most of a difference.
TUNABLES = {"arena_max": 1, "mmap_threshold": 1 << 30, "trim_threshold": 1 << 28, "top_pad": 1 << 26}
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    "OPENBLAS_THREAD_TIMEOUT": "4",
    "GLIBC_TUNABLES": ":".join(f"glibc.malloc.{name}={value}" for name, value in TUNABLES.items()),
}


class Worker:
    """With one thread. Started and loaded when it is made."""

    def __init__(self, program: Path, model: Path, precision: str = "float32"):
        environment = {**os.environ, **ENVIRONMENT}
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


if __name__ == "__main__":
    for name, value in ENVIRONMENT.items():
        print(f"{name}={value}")
