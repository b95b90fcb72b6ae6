"""Slow and odd writers in parallel: each file is taken once, when it is whole, and explained from what it became."""

import random
import threading

from invariants import violations
from load import ended
from network import shrink_input
from odd_writers import HAS_RSYNC, KINDS, Writer
from pictures import picture
from service import Service

SEED = 100
#: The default of the service, which the writers' gaps are made for.
SETTLE_SECONDS = 1.5
#: An unfinished picture is waited for, so that a writer may also pause for longer than the settle time.
WAITS_FOR_COMPLETENESS = True


def run(small: bool) -> list[str]:
    count = 20 if small else 100
    kinds = KINDS + ([Writer.reopened_slowly] if WAITS_FOR_COMPLETENESS else [])
    with Service(worker="real", workers=2, settings=[f"inbox.settle_seconds={SETTLE_SECONDS}"]) as service:
        shrink_input(service)
        staging = service.top / "staging"
        staging.mkdir()
        service.start()
        writers: list[tuple[str, Writer]] = []
        for number in range(count):
            kind = kinds[number % len(kinds)]
            name = f"{number:03}-{kind.__name__}.png"
            writers.append((name, Writer(service.inbox, name, picture(number, 64), staging, SEED + number)))
        errors: list[str] = []
        threads = [
            threading.Thread(target=write, args=(kinds[number % len(kinds)], writer, errors))
            for number, (_, writer) in enumerate(writers)
        ]
        chance = random.Random(SEED)
        for thread in threads:
            thread.start()
            threading.Event().wait(chance.uniform(0, 0.05))
        for thread in threads:
            thread.join()
        dropped = {name.encode(): writer.content for name, writer in writers}
        service.until_ended(count, lambda: ended(service))
        service.stop()
        found = errors + violations(service, dropped)
        note = "" if HAS_RSYNC else ", without rsync"
        print(f"writers: {count} writers of {len(kinds)} kinds{note}, {len(found)} violations")
        return found


def write(kind, writer: Writer, errors: list[str]) -> None:
    try:
        kind(writer)
    except Exception as error:
        errors.append(f"{writer.path.name} was taken from its writer: {error!r}")
