"""kill -9 of the daemon, and of its workers, at random moments under load, through the real worker."""

import os
import random
import signal
import threading
import time

from invariants import violations
from load import drop, ended
from network import shrink_input
from pictures import picture
from service import Service

SEED = 20


def run(small: bool) -> list[str]:
    images, kills = (40, 5) if small else (1_000, 100)
    chance = random.Random(SEED)
    with Service(worker="real", workers=2) as service:
        shrink_input(service)
        dropped = {b"%04d.png" % number: picture(number) for number in range(images)}
        service.start()
        dropper = threading.Thread(target=drop, args=(service, dropped, 0.6 * kills))
        dropper.start()
        of_workers = 0
        for number in range(kills):
            # From the middle of a start, which takes about as long, to deep in the work.
            time.sleep(chance.uniform(0.02, 1.2))
            if number % 3 == 2 and service.is_running:
                of_workers += kill_a_worker(service, chance)
            else:
                # A daemon whose worker was killed while it started ends; systemd starts it again, as here.
                service.kill()
                service.start(wait=False)
        dropper.join()
        service.kill()
        service.start()
        service.until_ended(images, lambda: ended(service))
        status = service.stop()
        found = violations(service, dropped, allow_failed=["worker_crashed"])
        if status != 0:
            found.append(f"the daemon ended with status {status}")
        attempts = {row[0]: row[1] for row in service.rows("SELECT attempt, count(*) FROM arrival GROUP BY 1")}
        given_up = service.rows("SELECT count(*) FROM arrival WHERE state = 'failed'")[0][0]
        print(
            f"random kills: {images} images, {kills} kills, {of_workers} of them of workers; "
            f"images by attempts {attempts}, {given_up} given up after the third; {len(found)} violations")
        return found


def kill_a_worker(service: Service, chance: random.Random) -> int:
    """Waits until there is one."""
    while service.is_running:
        if workers := service.workers():
            os.kill(chance.choice(workers), signal.SIGKILL)
            return 1
        time.sleep(0.01)
    return 0
