# SPDX-License-Identifier: Apache-2.0
"""How long one image takes on an idle service: from close(2) of the dropped file to the rename of its overlay.

    latency.py NETWORK KIND [--count N] [--threads N] [--boxes N]

One worker. The settle time is taken off: nothing can be known of a file before. After each image, as cold as it, the
reference: decode by OpenCV, the plain forward pass of the same file in its fastest setting, encode of the same picture,
with as many threads.
"""

import os
import time
import warnings

import cv2
import measuring
import networks
import numpy
import plain_forward
import torch
from end_to_end import settings_of, title
from inotify import Arrivals
from service import Service

WARM_UP = 3
QUALITY = 90
PATIENCE_SECONDS = 60
#: Longer than any thread of OpenMP spins after its work.
REST_SECONDS = 0.3


class Reference:
    """What has to be done whoever does it."""

    def __init__(self, options):
        torch.set_num_threads(options.threads)
        cv2.setNumThreads(options.threads)
        side = networks.NETWORKS[options.network].preparation.side
        self.x = torch.randn(1, 3, side, side).contiguous(memory_format=torch.channels_last)
        self.modules = [make(measuring.model(options.work, options.network)) for make in plain_forward.WAYS.values()]
        with torch.no_grad():
            for module in self.modules:
                for _ in range(plain_forward.WARM_UP):
                    module(self.x)

    def milliseconds(self, data: bytes) -> list[float]:
        """Of both ways of the forward pass: decode, forward and encode."""
        results = []
        for module in self.modules:
            start = time.perf_counter()
            picture = cv2.imdecode(numpy.frombuffer(data, numpy.uint8), cv2.IMREAD_COLOR)
            with torch.no_grad():
                module(self.x)
            cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
            results.append(1000 * (time.perf_counter() - start))
        return results


def overlay_milliseconds(service: Service, arrivals: Arrivals, name: str, data: bytes) -> float:
    """Writes a file into the inbox as any program does."""
    descriptor = os.open(service.inbox / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    os.write(descriptor, data)
    os.close(descriptor)
    start = time.perf_counter()
    while True:
        names = arrivals.wait(PATIENCE_SECONDS)
        now = time.perf_counter()
        if not names:
            raise SystemExit(f"latency: no overlay of {name} within {PATIENCE_SECONDS} s")
        if any(f"-{name}" in found and not found.startswith(".") for found in names):
            return 1000 * (now - start)


def main() -> None:
    warnings.simplefilter("ignore")
    parser = networks.arguments(__doc__, count=50)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--settle", type=float, default=1.5, help="inbox.settle_seconds (%(default)s)")
    options = parser.parse_args()
    files = measuring.photographs(options.work, options.kind, options.count + WARM_UP)
    model = measuring.model(options.work, options.network)
    settings = [f"inbox.settle_seconds={options.settle}", *settings_of(options.boxes)]
    reference = Reference(options)
    with Service(options.programs, model, options.work / "trees", 1, options.threads, settings) as service:
        # The first image makes the folder of the day, in which overlays appear.
        (service.inbox / "first.jpg").write_bytes(files[0].read_bytes())
        service.wait_for(1)
        arrivals = Arrivals(*(folder for folder in service.outbox.iterdir() if folder.is_dir()))
        own, others = [], []
        for index, file in enumerate(files[1:]):
            data = file.read_bytes()
            took = overlay_milliseconds(service, arrivals, f"latency-{index:04d}.jpg", data) - 1000 * options.settle
            service.wait_for(index + 2)
            time.sleep(REST_SECONDS)
            if index >= WARM_UP - 1:
                own.append(took)
                others.append(reference.milliseconds(data))
                time.sleep(REST_SECONDS)
        arrivals.close()
        with service.reader() as log:
            stages = log.execute(
                "SELECT avg(ms_decode + ms_preprocess + ms_forward + ms_explain + ms_write) FROM explanation "
                f"WHERE id > {WARM_UP}"
            ).fetchone()[0]
    print(f"### {title(options)}, {options.threads} threads: {len(own)} images; {measuring.machine()}\n")
    rows = [["close(2) to the overlay's rename, without settling", own]]
    rows += [[f"decode, plain forward ({way}), encode", list(values)] for way, values in zip(plain_forward.WAYS, zip(*others))]
    base = min(measuring.median(values) for _, values in rows[1:])
    measuring.table(
        ["", "p50 over the fastest reference", "p50 ms", "p95 ms"],
        [
            [name, f"{measuring.median(values) / base:.2f}", f"{measuring.median(values):.1f}",
             f"{measuring.percentile(values, 0.95):.1f}"]
            for name, values in rows
        ],
    )  # fmt: skip
    print(f"Of that the worker's own stages: {stages:.1f} ms on average\n")


if __name__ == "__main__":
    main()
