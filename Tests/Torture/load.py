"""What the suites do to a service that runs: drop files, and count what came of them."""

import os
import time

from service import Service


def drop(service: Service, files: dict[bytes, bytes], seconds: float = 0) -> None:
    """Writes files into the inbox in place, evenly over `seconds`."""
    for name, content in files.items():
        with open(os.path.join(os.fsencode(service.inbox), name), "wb", buffering=0) as file:
            file.write(content)
        time.sleep(seconds / len(files))


def ended(service: Service) -> int:
    """Images that are done or failed."""
    return service.rows("SELECT count(*) FROM arrival WHERE state IN ('done', 'failed')")[0][0]
