"""SIGTERM under load and during a start: an orderly end within ten seconds, and nothing lost or blamed for it."""

import random
import signal
import threading
import time

from invariants import violations
from load import drop, ended
from network import shrink_input
from pictures import picture
from service import Service

SEED = 9
LIMIT_SECONDS = 10
#: What a start says when it has found images in work, and when it is over.
STARTED = (b"taking up", b"watching")


def run(small: bool) -> list[str]:
    stops, rounds = (3, 3) if small else (20, 20)
    longest, found = stop_under_load(stops)
    found += stop_while_starting(rounds)
    print(
        f"stops: {stops} under load, the longest took {longest:.2f} s; {2 * rounds} during a start; "
        f"{len(found)} violations")
    return found


def stop_under_load(stops: int) -> tuple[float, list[str]]:
    images = 60 * stops
    chance = random.Random(SEED)
    found: list[str] = []
    longest = 0.0
    with Service(worker="real", workers=2) as service:
        shrink_input(service)
        dropped = {b"%05d.png" % number: picture(number) for number in range(images)}
        dropper = threading.Thread(target=drop, args=(service, dropped, stops))
        dropper.start()
        for number in range(stops):
            service.start()
            time.sleep(chance.uniform(0, 1.0))
            begin = time.monotonic()
            status = service.stop()
            took = time.monotonic() - begin
            longest = max(longest, took)
            if status != 0:
                found.append(f"stop {number} ended with status {status}")
            if took > LIMIT_SECONDS:
                found.append(f"stop {number} took {took:.1f} s")
        dropper.join()
        service.start()
        service.until_ended(images, lambda: ended(service))
        service.stop()
        found += violations(service, dropped)
        found += [
            f"{row['name_text']} needed {row['attempt']} attempts although nothing crashed"
            for row in service.rows("SELECT name_text, attempt FROM arrival WHERE attempt != 1")
        ]
        return longest, found


def stop_while_starting(rounds: int) -> list[str]:
    """A killed daemon leaves attempts unfinished; then two starts in a row are stopped as soon as they have taken
    them up. That is one crash, not three, and no image may go to failed/ for it.
    """
    found = []
    with Service(worker="fast", workers=2) as service:
        dropped = {b"%05d.png" % number: picture(number) for number in range(40 * rounds)}
        service.start()
        drop(service, dropped)
        for number in range(rounds):
            service.until_ended(30 * number + 10, lambda: ended(service))
            service.kill()
            for _ in range(2):
                if (status := stop_at_once(service)) not in (0, -signal.SIGTERM):
                    found.append(f"a stop while starting ended with status {status}")
            service.start()
        service.until_ended(len(dropped), lambda: ended(service))
        service.stop()
        return found + violations(service, dropped)


def stop_at_once(service: Service) -> int:
    """Stops a start that has found images in work; before its handlers are there the signal itself ends it, which is
    an orderly end for systemd, too.
    """
    before = service.output.stat().st_size
    service.start(wait=False)
    with service.output.open("rb") as output:
        output.seek(before)
        said = b""
        while service.is_running and not any(text in said for text in STARTED):
            said += output.read()
            time.sleep(0.0005)
    return service.stop()
