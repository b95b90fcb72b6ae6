"""A real gradcamd on a tree of its own."""

import atexit
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
#: Pictures of every format, of the decoder's tests.
PICTURES = PROJECT / "Tests/EngineTests/Fixtures/pictures"
#: A wait that brings nothing new for so long is given up: longer than the inbox's rescan.
PATIENCE_SECONDS = float(os.environ.get("GRADCAM_TORTURE_PATIENCE", "90"))
#: Tells the processes of one tree, as a control group does for systemd.
MARK = "GRADCAM_TORTURE_TREE"


class ServiceProblem(Exception):
    """The daemon did not do what was waited for; the text ends with what it said last."""


def programs() -> Path:
    """Where gradcamd and gradcam-worker were built."""
    return Path(os.environ.get("GRADCAM_PROGRAMS", PROJECT / ".build/debug"))


_with_fast_worker: dict[Path, Path] = {}


def programs_with_fast_worker() -> Path:
    """A folder with gradcamd and the fast worker under the name of the real one: the daemon takes what lies beside
    itself.
    """
    source = programs()
    if source not in _with_fast_worker:
        folder = Path(tempfile.mkdtemp(prefix="gradcam-programs-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        shutil.copy2(source / "gradcamd", folder / "gradcamd")
        worker = folder / "gradcam-worker"
        body = Path(__file__).with_name("fast_worker.py").read_text()
        # The interpreter by its path, and without its site: it starts in a few hundredths of a second.
        worker.write_text(f"#!{os.path.realpath(sys.executable)} -IS\n{body}")
        worker.chmod(0o755)
        _with_fast_worker[source] = folder
    return _with_fast_worker[source]


class Service:
    """gradcamd with a tree, a log and a socket in a folder of its own, which goes away at the end of `with`."""

    def __init__(
        self,
        worker: str = "fast",
        workers: int = 1,
        settings: Iterable[str] = (),
        environment: dict[str, str] | None = None,
        disk: Path | None = None,
    ):
        """`worker` is "fast" or "real"; tree and log are made on `disk`, a folder that stays."""
        self.worker = worker
        # Resolved, for paths in the log are compared with it.
        self.top = Path(tempfile.mkdtemp(prefix="gradcam-torture-")).resolve()
        self.root = (disk or self.top) / "root"
        self.inbox = self.root / "inbox"
        self.log = (disk or self.top) / "log/log.db"
        self.socket = self.top / "control.sock"
        self.output = self.top / "stderr.txt"
        self.environment = {**os.environ, **(environment or {}), MARK: str(self.top)}
        self.process: subprocess.Popen | None = None
        for folder in (self.root, self.log.parent):
            folder.mkdir(parents=True, exist_ok=True)
        self.inbox.mkdir(mode=0o770, exist_ok=True)
        self.output.touch()
        if worker == "fast":
            self.programs = programs_with_fast_worker()
            model = self.top / "model.torchscript"
            model.write_text("a network that only the fast worker knows\n")
        else:
            self.programs = programs()
            fixtures = Path(os.environ.get("GRADCAM_FIXTURES", PROJECT / ".build-fixtures"))
            model = fixtures / "swish-scripted.pt"
        self.yaml = self.top / "gradcamd.yaml"
        self.yaml.write_text(f"model: {{file: {model}, owner: self}}\n")
        self.settings = [
            f"root={self.root}", f"log.file={self.log}", f"control.socket={self.socket}", "inbox.settle_seconds=0.05",
            f"workers.count={workers}", *settings,
        ]  # fmt: skip

    def __enter__(self) -> "Service":
        return self

    def __exit__(self, *_) -> None:
        self.kill()
        shutil.rmtree(self.top, ignore_errors=True)

    # The process

    @property
    def command(self) -> list[str]:
        assignments = [part for setting in self.settings for part in ("--set", setting)]
        return [str(self.programs / "gradcamd"), "--config", str(self.yaml), *assignments]

    def start(self, wait: bool = True, prefix: Iterable[str] = (), environment: dict[str, str] | None = None) -> None:
        """Starts it, and waits until it watches the inbox.

        `prefix` is a command that becomes the daemon or runs beside it, such as `strace -D`.
        """
        if self.is_running:
            raise ServiceProblem("it runs already")
        since = self.output.stat().st_size
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [*prefix, *self.command], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                env=self.environment | (environment or {}))  # fmt: skip
        if wait:
            self.until("it watches the inbox", lambda: b"watching " in self.output.read_bytes()[since:])

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int:
        if self.process is None:
            raise ServiceProblem("it was never started")
        return self.process.pid

    def threads(self, name: str) -> list[int]:
        """The threads of a name, by their ids."""
        return [task for task, text in self._of_each_thread("comm") if text.strip() == name]

    def workers(self) -> list[int]:
        """The workers that are its children, by their process ids."""
        return [int(child) for _, text in self._of_each_thread("children") for child in text.split()]

    def _of_each_thread(self, file: str) -> Iterator[tuple[int, str]]:
        """Its id and what /proc says of it in this file, without those that end meanwhile."""
        for task in self._listing(f"/proc/{self.pid}/task"):
            try:
                text = Path(f"/proc/{self.pid}/task/{task}/{file}").read_text()
            except OSError:
                continue
            yield int(task), text

    def signal(self, number: int) -> None:
        if self.is_running:
            os.kill(self.pid, number)

    def pause(self) -> None:
        """SIGSTOP, and waits until no thread of it runs any more: kill(2) returns before that."""
        self.signal(signal.SIGSTOP)
        self.until("all its threads are stopped", lambda: self._thread_states() == {"T"})

    def _thread_states(self) -> set[str]:
        """The letters of proc_pid_stat(5)."""
        return {text.rpartition(")")[2].split()[0] for _, text in self._of_each_thread("stat")}

    def kill(self) -> None:
        """kill -9; then the rest of the control group, as systemd does before the next start."""
        self.signal(signal.SIGKILL)
        if self.process is not None:
            self.wait()

    def stop(self, seconds: float = 60) -> int:
        """SIGTERM. Returns the status, a signal as a negative number."""
        self.signal(signal.SIGTERM)
        return self.wait(seconds)

    def wait(self, seconds: float = 60) -> int:
        """Waits for its end. Returns the status, a signal as a negative number."""
        if self.process is None:
            raise ServiceProblem("it was never started")
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise ServiceProblem(f"it did not end within {seconds} s{self.last_words()}") from None
        self._end_orphans()
        return status

    def _end_orphans(self) -> None:
        mark = f"{MARK}={self.top}\0".encode()
        for name in self._listing("/proc"):
            if not name.isdigit() or int(name) == os.getpid():
                continue
            try:
                is_of_tree = mark in Path(f"/proc/{name}/environ").read_bytes()
                if is_of_tree and b"gradcam-worker" in Path(f"/proc/{name}/cmdline").read_bytes():
                    os.kill(int(name), signal.SIGKILL)
            except OSError:
                continue

    @staticmethod
    def _listing(folder: str) -> list[str]:
        try:
            return os.listdir(folder)
        except OSError:
            return []

    # What it says

    def messages(self) -> str:
        return self.output.read_text(errors="replace")

    def last_words(self) -> str:
        lines = self.messages().splitlines()[-15:]
        return ". It said last:\n    " + "\n    ".join(lines) if lines else ". It said nothing."

    def rows(self, sql: str, parameters: tuple = ()) -> list[sqlite3.Row]:
        """Rows of the log. Of a daemon that does not run a copy is read, so that its own recovery is what is tested."""
        if self.is_running:
            with closing(sqlite3.connect(f"file:{self.log}?mode=ro", uri=True, timeout=10)) as connection:
                return self._rows(connection, sql, parameters)
        with tempfile.TemporaryDirectory(prefix="gradcam-log-") as folder:
            for suffix in ("", "-wal"):
                if (part := self.log.with_name(self.log.name + suffix)).exists():
                    shutil.copy(part, folder)
            with closing(sqlite3.connect(Path(folder) / self.log.name)) as connection:
                return self._rows(connection, sql, parameters)

    @staticmethod
    def _rows(connection: sqlite3.Connection, sql: str, parameters: tuple) -> list[sqlite3.Row]:
        connection.row_factory = sqlite3.Row
        # Texts may hold anything that a name did.
        connection.text_factory = lambda value: value.decode(errors="surrogateescape")
        return connection.execute(sql, parameters).fetchall()

    # Dropping and waiting

    def drop(self, name: bytes | str, content: bytes) -> None:
        """A file into the inbox, renamed there from a hidden name: whole at once."""
        place = os.path.join(os.fsencode(self.inbox), os.fsencode(name))
        hidden = os.path.join(os.path.dirname(place), b"." + os.path.basename(place)[:200])
        with open(hidden, "wb", buffering=0) as file:
            file.write(content)
        os.rename(hidden, place)

    def until(self, what: str, condition: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
        """Waits until something holds."""
        deadline = time.monotonic() + seconds
        while not condition():
            if not self.is_running:
                status = self.wait()
                if condition():
                    return
                raise ServiceProblem(f"it ended with status {status} before {what}{self.last_words()}")
            if time.monotonic() > deadline:
                raise ServiceProblem(f"it never came to this: {what}{self.last_words()}")
            time.sleep(0.01)

    def until_ended(self, count: int, ended: Callable[[], int], seconds: float = PATIENCE_SECONDS) -> None:
        """Waits until so many have ended; gives up where no further one does for `seconds`."""
        before = -1
        deadline = 0.0
        while True:
            try:
                now = ended()
            except sqlite3.OperationalError:
                now = 0  # The log is being made.
            if now >= count:
                return
            if now > before:
                before = now
                deadline = time.monotonic() + seconds
            elif time.monotonic() > deadline:
                raise ServiceProblem(f"{now} of {count} ended, and then no more{self.last_words()}")
            if not self.is_running:
                raise ServiceProblem(f"it ended with status {self.wait()} after {now} of {count}{self.last_words()}")
            time.sleep(0.02)
