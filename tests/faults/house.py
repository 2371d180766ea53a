"""A whole installation of its own, as real processes, for tests that kill parts of it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parents[2]
LOCAL = "127.0.0.1"
TOWN = "nn.kommune.example"
CENTRAL = f"postmottak@{TOWN}"
OTHERS = (f"skole@{TOWN}", f"vakt@{TOWN}", f"innsyn@{TOWN}")
_numbers = count(1)


def load_launcher() -> ModuleType:
    """`./dev` as a module: it knows how servers are started as root and as a normal user."""
    loader = SourceFileLoader("kommunepost_dev", str(ROOT / "dev"))
    spec = spec_from_loader("kommunepost_dev", loader)
    assert spec
    module: Any = module_from_spec(spec)
    loader.exec_module(module)
    # The environment that runs the tests, wherever it lies.
    module.VENV, module.PYTHON = Path(sys.prefix), Path(sys.executable)
    return module


launcher: Any = load_launcher()


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.create_server((LOCAL, 0)) as held:
        return int(held.getsockname()[1])


def until(happened: Callable[[], Any], *, seconds: float, what: str) -> Any:
    """Wait for something to become true and return it."""
    end = time.monotonic() + seconds
    while not (found := happened()):
        assert time.monotonic() < end, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.1)
    return found


def _stat(pid: int) -> tuple[int, str] | None:
    """Parent and time of start of a process; None when it is gone, or dead and not yet reaped."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return (int(fields[1]), fields[19]) if fields[0] not in "ZX" else None


def children_of(pid: int) -> list[int]:
    """Ids of the processes whose parent is `pid`."""
    found = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    return sorted(each for each in found if (stat := _stat(each)) and stat[0] == pid)


def family_of(pid: int) -> list[int]:
    """The process and all that descend from it."""
    return [pid, *(each for child in children_of(pid) for each in family_of(child))]


class House:
    """PostgreSQL, Valkey and the product's processes on loopback and sockets.

    What is added with `add` is started again by `revive` when it has died, as a service manager
    does. All must be called from the main thread: the kernel ends a child with the *thread* that
    started it.
    """

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.kind = f"house-{os.getpid()}-{next(_numbers)}"
        (folder / "logs").mkdir(parents=True)
        self._hold = (folder / "servers.lock").open("w")
        self.postgres = launcher.Postgres(folder, self.kind, durable=True, hold=self._hold)
        self.valkey = launcher.Valkey(folder, self.kind, durable=True, hold=self._hold)
        self.env: dict[str, str] = launcher.application_settings(
            folder,
            self.postgres.url,
            self.valkey.url,
            DATABASE_ROLE=launcher.ROLE,
            INSECURE_COOKIES="on",
            UNDO_SECONDS="0",
            **settings,
        )
        self.children: dict[str, Any] = {}
        self.started: dict[str, int] = {}
        self._seen: dict[int, str] = {}

    def open(self) -> None:
        """Start the servers and set up the municipality."""
        self.postgres.make_data()
        self.add("postgres", self.postgres)
        self.postgres.make_database()
        self.add("valkey", self.valkey)
        self.valkey.wait_ready()
        self._python("-m", "tests.faults.inside", "set-up", check=True, DATABASE_ROLE="")

    def add(self, name: str, process: Any) -> None:
        """Start a process and keep it running from now on."""
        self.children[name] = process
        self.started[name] = 1
        process.start()

    def run(self, name: str, *command: Any, ready: Callable[[], bool] = lambda: True) -> None:
        """Add one of the product's processes."""
        log = self.folder / "logs" / f"{name}.log"
        self.add(name, launcher.Process(name, list(command), log, ready, self.env))

    def run_receiver(self, *door: str, port: int | None = None, processes: int = 2) -> None:
        """Add a receiver, `--smtp` on a port of its own unless another door is named."""
        self.port = port or free_port()
        door = door or ("--smtp", f"{LOCAL}:{self.port}")
        command = [sys.executable, "manage.py", "receive", *door, "--processes", str(processes)]
        self.run("receiver", *command, ready=lambda: bool(launcher.smtp_answers(self.port)))

    def run_worker_and_beat(self) -> None:
        """Add those that Celery brings."""
        celery = [Path(sys.prefix) / "bin" / "celery", "-A", launcher.NAME]
        self.run("worker", *celery, "worker", "--loglevel", "INFO", "--concurrency", "2")
        letters = ["--queues", "letters", "--hostname", "sender@%h", "--concurrency", "1"]
        self.run("sender", *celery, "worker", "--loglevel", "INFO", *letters)
        schedule = self.folder / "beat-schedule"
        self.run("beat", *celery, "beat", "--loglevel", "INFO", "--schedule", schedule)

    def pid(self, name: str) -> int:
        """The id of a process that runs."""
        return int(self.children[name].child.pid)

    def kill(self, name: str, *, child: int | None = None) -> None:
        """SIGKILL a process, or the child of it whose id is given."""
        if child is not None:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            return
        self._note(self.pid(name))
        self.children[name].child.kill()
        self.children[name].child.wait()

    def stop(self, name: str) -> None:
        """Stop a process in good order, and leave it stopped."""
        self._note(self.pid(name))
        self.children.pop(name).stop()

    def revive(self) -> None:
        """Start again what has died. PostgreSQL is waited for, the others are not."""
        for name, process in self.children.items():
            if process.ended():
                self.started[name] += 1
                process.start()

    def all_ready(self, seconds: float = 60) -> None:
        """Return when everything runs and serves."""

        def ready() -> bool:
            self.revive()
            return all(each.ready() and not each.ended() for each in self.children.values())

        until(ready, seconds=seconds, what=f"{', '.join(self.children)} serve")

    def manage(
        self, *arguments: str, check: bool = True, **settings: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a management command as the running processes do, without the owner's rights."""
        return self._python("manage.py", *arguments, check=check, **settings)

    def inside(self, command: str, *arguments: str) -> Any:
        """Run a function of tests/faults/inside.py on this installation; its answer."""
        done = self._python("-m", "tests.faults.inside", command, *arguments, check=True)
        return json.loads(done.stdout)

    def _python(
        self, *arguments: str, check: bool, **settings: str
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={**self.env, **settings},
            text=True,
            capture_output=True,
            stdin=subprocess.DEVNULL,
        )
        assert not check or done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the database, read as its owner."""
        with psycopg.connect(self.postgres.url, autocommit=True) as connection:
            return connection.execute(query, values).fetchall()

    def blob(self, sha256: str) -> Path:
        """Where a raw mail lies."""
        return Path(self.env["BLOB_DIR"]) / sha256[:2] / sha256

    def log(self, name: str) -> str:
        """What a process has written."""
        return (self.folder / "logs" / f"{name}.log").read_text(errors="replace")

    def close(self) -> None:
        """Stop everything; whatever outlives its parent is killed."""
        for process in self.children.values():
            if not process.ended():
                self._note(process.child.pid)
        for process in reversed(self.children.values()):
            process.stop()
        for pid, started in self._seen.items():
            stat = _stat(pid)
            if stat and stat[1] == started:
                os.kill(pid, signal.SIGKILL)
        self._hold.close()
        shutil.rmtree(launcher.socket_folder(self.kind), ignore_errors=True)
        launcher.erase(self.folder)

    def _note(self, pid: int) -> None:
        for each in family_of(pid):
            if stat := _stat(each):
                self._seen[each] = stat[1]


@contextmanager
def opened_house(folder: Path, **settings: str) -> Iterator[House]:
    """A house with its servers running and a municipality in it; gone afterwards."""
    with ExitStack() as stack:
        house = House(folder / "house", **settings)
        stack.callback(house.close)
        house.open()
        yield house
