"""Asks workers outside and inside the sandbox in turns, and compares their medians: see sandbox.sh."""

import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys

MODEL = "/etc/gradcamd/models/model.torchscript"
# As the service sets it for its workers.
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE", "MALLOC_ARENA_MAX": "2"}
# The first images of a process are slower: memory is new.
WARM_UP = 5


class Worker:
    """A gradcam-worker that has loaded its model."""

    def __init__(self, name, requests, answers):
        self.name, self.requests, self.answers = name, requests, answers
        self.forward, self.explain = [], []
        self.capability = self.read()["model"]["cpu_capability"]

    @classmethod
    def outside(cls):
        user = ["setpriv", "--reuid=gradcamd", "--regid=gradcamd", "--init-groups"]
        process = subprocess.Popen(
            [*user, "/usr/bin/gradcam-worker", "--model", MODEL, "--threads", "1"],
            env=os.environ | ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return cls("outside", process.stdin, process.stdout)

    @classmethod
    def inside(cls, name, pipes):
        subprocess.run(["systemctl", "start", "--no-block", name], check=True)
        # In systemd's order: each open waits for the other end.
        requests = open(pipes / f"{name}.requests", "wb")
        return cls(name, requests, open(pipes / f"{name}.answers", "rb"))

    def read(self):
        return json.loads(self.answers.readline())

    def measure(self, picture):
        self.requests.write(json.dumps({"id": "1", "image": picture}).encode() + b"\n")
        self.requests.flush()
        milliseconds = self.read()["explanation"]["milliseconds"]
        self.forward.append(milliseconds["forward"])
        self.explain.append(milliseconds["explain"])

    @property
    def both(self):
        return [sum(pair) for pair in zip(self.forward[WARM_UP:], self.explain[WARM_UP:])]

    def row(self, reference):
        own, other = self.medians, reference.medians
        ratios = (own[0] / other[0], own[2] / other[2])
        return f"{self.name:12}{own[0]:13.2f}{own[1]:13.2f}{ratios[0]:11.3f}{ratios[1]:11.3f}   {self.capability}"

    @property
    def medians(self):
        """Of forward, of explain, of their sums."""
        return [statistics.median(times) for times in (self.forward[WARM_UP:], self.explain[WARM_UP:], self.both)]


pipes, picture, rounds = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
# A worker that does not start would leave us at its pipe.
signal.alarm(120)
workers = [Worker.outside()] + [Worker.inside(name, pipes) for name in ("sandbox", "without-jit")]
signal.alarm(0)
for round in range(rounds + WARM_UP):
    # Each has every place in the row equally often.
    for place in range(len(workers)):
        workers[(round + place) % len(workers)].measure(picture)
print(f"medians of {rounds} rounds, in turns; x: times that of outside")
print(f"{'':12}{'forward, ms':>13}{'explain, ms':>13}{'x forward':>11}{'x both':>11}   libtorch uses")
for worker in workers:
    print(worker.row(workers[0]))
