# SPDX-License-Identifier: Apache-2.0
"""What an image costs the engine beside the plain forward pass of the same file: forward and backward pass and map, as
the worker says, by the wall clock.

    engine_ratio.py NETWORK KIND [--count N] [--boxes N]

Interleaved: the worker explains a photograph, then each way of the plain pass is timed once, the faster one counts. One
thread each. Its environment must be that of the worker: script/bench sets it.
"""

import time
import warnings

import measuring
import networks
import plain_forward
import torch
from end_to_end import title
from worker import Worker

WARM_UP = 3
STAGES = ("forward", "backward", "map")


def main() -> None:
    warnings.simplefilter("ignore")
    parser = networks.arguments(__doc__, count=50)
    options = parser.parse_args()
    files = measuring.photographs(options.work, options.kind, options.count + WARM_UP)
    model = measuring.model(options.work, options.network)
    wanted = {"detections": {"explained": options.boxes, "max_detections": options.boxes}} if options.boxes else {}
    worker = Worker(options.programs / "gradcam-worker", model)

    torch.set_num_threads(1)
    side = networks.NETWORKS[options.network].preparation.side
    x = torch.randn(1, 3, side, side).contiguous(memory_format=torch.channels_last)
    modules = [make(model) for make in plain_forward.WAYS.values()]
    plain, engine = [], []
    with torch.no_grad():
        for module in modules:
            for _ in range(plain_forward.WARM_UP):
                module(x)
        for file in files:
            engine.append(worker.explain(file, **wanted)["milliseconds"])
            plain.append([milliseconds(module, x) for module in modules])
    worker.end()
    report(options, plain[WARM_UP:], engine[WARM_UP:])


def milliseconds(module: torch.nn.Module, x: torch.Tensor) -> float:
    start = time.perf_counter()
    module(x)
    return 1000 * (time.perf_counter() - start)


def report(options, plain: list[list[float]], engine: list[dict[str, float]]) -> None:
    print(f"### {title(options)}, one thread: {len(engine)} rounds; {measuring.machine()}\n")
    values = {f"plain: {way}": list(times) for way, times in zip(plain_forward.WAYS, zip(*plain))}
    base = min(measuring.median(times) for times in values.values())
    values |= {stage: [stages[stage] for stages in engine] for stage in STAGES}
    values[f"**{' + '.join(STAGES)}**"] = [sum(stages[stage] for stage in STAGES) for stages in engine]
    rows = [
        [name, measuring.spread(times, 2), f"{measuring.median(times) / base:.2f}"] for name, times in values.items()
    ]
    measuring.table(["", "ms", "over the faster plain pass"], rows)


if __name__ == "__main__":
    main()
