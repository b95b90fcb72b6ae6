"""Files come while a large folder is scanned, in front of the scan and behind it: none is missed."""

import time

from invariants import violations
from load import ended
from pictures import picture
from service import Service


def run(small: bool) -> list[str]:
    # Names that the scan passes over, so that it takes its time.
    ignored, files = (30_000, 60) if small else (300_000, 500)
    # No later scan makes good for the first.
    with Service(workers=2, settings=["inbox.rescan_seconds=3600"]) as service:
        for number in range(ignored):
            (service.inbox / f".{number}").touch()
        service.start()
        dropped = {b"%04d.png" % number: picture(number) for number in range(files)}
        begin = time.monotonic()
        for name, content in dropped.items():
            service.drop(name, content)
            time.sleep(0.005)
        took = time.monotonic() - begin
        service.until_ended(files, lambda: ended(service))
        service.stop()
        found = violations(service, dropped)
        print(f"scan race: {files} files within {took:.1f} s of a scan of {ignored} names, {len(found)} violations")
        return found
