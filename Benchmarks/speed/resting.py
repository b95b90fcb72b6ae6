# SPDX-License-Identifier: Apache-2.0
"""What the service costs while nothing happens, and whether its memory grows while much does.

    resting.py NETWORK KIND [--seconds N] [--images N] [--early N]

Memory is measured on the same photographs again and again, which are explained every time (policy.duplicates: explain).
"""

import itertools
import shutil
import time

import measuring
import networks
from service import Service

#: So many files lie in the inbox at a time.
PORTION = 50


def idle(service: Service, seconds: float) -> list[list[str]]:
    processes = {"daemon": service.process.pid, "worker": service.workers()[0]}
    before = [sum(measuring.processor_seconds(process)) for process in processes.values()]
    woken = measuring.wakeups(list(processes.values()), seconds)
    rows = []
    for index, (name, process) in enumerate(processes.items()):
        used = sum(measuring.processor_seconds(process)) - before[index]
        resident = measuring.resident_bytes(process) / 1e6
        rows.append([name, f"{used / seconds:.3%}", f"{woken[index]:.2f}", f"{resident:.0f}"])
    return rows


def main() -> None:
    parser = measuring.arguments(__doc__)
    parser.add_argument("network", choices=networks.NETWORKS)
    parser.add_argument("kind")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--early", type=int, default=100)
    parser.add_argument("--images", type=int, default=10_000)
    options = parser.parse_args()
    files = measuring.photographs(options.work, options.kind, 20)
    model = measuring.model(options.work, options.network)
    settings = ["policy.duplicates=explain", "policy.originals=delete", "workers.replace_after_images=0"]
    started = time.time()
    with Service(options.programs, model, options.work / "trees", settings=settings) as service:
        cold = time.time() - started
        memory, done = {}, 0
        endless = itertools.cycle(files)
        for goal in (options.early, options.images):
            while done < goal:
                portion = min(PORTION, goal - done)
                for index in range(done, done + portion):
                    part = service.root / f"{index}.part"
                    shutil.copyfile(next(endless), part)
                    part.rename(service.inbox / f"{index}.jpg")
                done += portion
                service.wait_for(done)
                # What was written is of no use, and would fill the disk.
                for folder in service.outbox.iterdir():
                    for overlay in folder.glob("*.jpg"):
                        overlay.unlink()
            memory[goal] = [measuring.resident_bytes(pid) for pid in (service.process.pid, service.workers()[0])]
        # Until the threads that served the images have ended.
        time.sleep(15)
        print(f"### {options.network}, {options.kind}; {measuring.machine()}\n")
        print(f"Cold start, until the inbox is watched with the model loaded: {cold:.2f} s\n")
        measuring.table(["idle", "processor", "wake-ups a second", "resident MB"], idle(service, options.seconds))
        (early, late) = memory.values()
        rows = [
            [name, f"{late[index] / early[index]:.2f}", f"{early[index] / 1e6:.0f}", f"{late[index] / 1e6:.0f}"]
            for index, name in enumerate(("daemon", "worker"))
        ]
        head = ["resident", "late over early", f"MB after {options.early:,}", f"MB after {options.images:,} images"]
        measuring.table(head, rows)


if __name__ == "__main__":
    main()
