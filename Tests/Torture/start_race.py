"""Starts and stops while a writer drops 200 files a second: what comes between watch and scan is found, once."""

import os
import threading
import time

from invariants import violations
from load import ended
from pictures import picture
from service import Service

FILES_PER_SECOND = 200


class DroppingThread(threading.Thread):
    """Drops until it is told to stop: every other file in place, every other one renamed into the inbox."""

    def __init__(self, service: Service):
        super().__init__()
        self.inbox = os.fsencode(service.inbox)
        self.staging = os.fsencode(service.top / "staging")
        self.dropped: dict[bytes, bytes] = {}
        self.must_stop = threading.Event()

    def run(self) -> None:
        os.mkdir(self.staging)
        begin = time.monotonic()
        while not self.must_stop.is_set():
            number = len(self.dropped)
            content = picture(number)
            name = b"%05d.png" % number
            path = os.path.join(self.inbox if number % 2 else self.staging, name)
            with open(path, "wb") as file:
                file.write(content)
            if number % 2 == 0:
                os.rename(path, os.path.join(self.inbox, name))
            self.dropped[name] = content
            time.sleep(max(0, begin + number / FILES_PER_SECOND - time.monotonic()))


def run(small: bool) -> list[str]:
    starts = 5 if small else 50
    with Service(worker="fast", workers=2) as service:
        writer = DroppingThread(service)
        writer.start()
        for number in range(starts):
            service.start()
            time.sleep(0.2 + number % 5 * 0.1)
            if number % 2:
                service.kill()
            else:
                service.stop()
        writer.must_stop.set()
        writer.join()
        service.start()
        service.until_ended(len(writer.dropped), lambda: ended(service))
        service.stop()
        found = violations(service, writer.dropped)
        print(f"start race: {starts} starts under {len(writer.dropped)} files, {len(found)} violations")
        return found
