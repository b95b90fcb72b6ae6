# SPDX-License-Identifier: Apache-2.0
"""The plain forward pass and nothing else: how many of them the machine has in a second.

    plain_forward.py NETWORK --processes N --threads N [--seconds S]

The file that gradcamd loads, frozen, with channels last, by `torch.jit.freeze` or `optimize_for_inference`, whichever
is faster; all processes at the same time, in the worker's environment.
"""

import argparse
import multiprocessing
import os
import time
import warnings
from pathlib import Path
from unittest import mock

import measuring
import networks
import torch
from worker import ENVIRONMENT

WARM_UP = 5


def optimized(file: Path) -> torch.nn.Module:
    return torch.jit.optimize_for_inference(torch.jit.load(str(file)).eval())


WAYS = {"frozen, channels last": networks.frozen, "optimize_for_inference": optimized}


def count(way: str, file: Path, side: int, threads: int, seconds: float, barrier, results) -> None:
    warnings.simplefilter("ignore")
    torch.set_num_threads(threads)
    module = WAYS[way](file)
    x = torch.randn(1, 3, side, side).contiguous(memory_format=torch.channels_last)
    with torch.no_grad():
        for _ in range(WARM_UP):
            module(x)
        barrier.wait()
        start, passes, used = time.perf_counter(), 0, time.process_time()
        while time.perf_counter() - start < seconds:
            module(x)
            passes += 1
        results.put((passes / (time.perf_counter() - start), (time.process_time() - used) / passes))


def rate(way: str, work: Path, network: str, processes: int, threads: int, seconds: float) -> tuple[float, float]:
    """Passes a second of all processes, and processor seconds of one."""
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(processes), context.Queue()
    side = networks.NETWORKS[network].preparation.side
    call = (way, measuring.model(work, network), side, threads, seconds, barrier, results)
    # Daemons: where one of them fails, the others must not wait for it for ever.
    running = [context.Process(target=count, args=call, daemon=True) for _ in range(processes)]
    # Read when the children begin; what is measured next must not have it.
    with mock.patch.dict(os.environ, {**ENVIRONMENT, "OMP_NUM_THREADS": str(threads)}):
        for process in running:
            process.start()
    found = [results.get(timeout=300) for _ in running]
    for process in running:
        process.join()
    return sum(passes for passes, _ in found), measuring.median([used for _, used in found])


def main() -> None:
    parser = measuring.arguments(__doc__)
    parser.add_argument("network", choices=networks.NETWORKS)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    rows = []
    for way in WAYS:
        passes, used = rate(way, options.work, options.network, options.processes, options.threads, options.seconds)
        rows.append([way, f"{passes:.2f}", f"{used * 1000:.1f}"])
    print(f"{options.network}: {options.processes} x {options.threads}, torch {torch.__version__}\n")
    measuring.table(["plain forward pass", "a second", "processor ms"], rows)


if __name__ == "__main__":
    main()
