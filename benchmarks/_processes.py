"""What processor time each kind of process takes meanwhile: ours, the database's, and all others'.

What others take belongs beside every figure: on a machine that does something else, it says so.
"""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from pathlib import Path

from django.db import connection

_TICKS = os.sysconf("SC_CLK_TCK")
_EVERY = 0.5  # seconds; what a process does after it was last seen is not counted
_OURS = {
    "--worker": "worker",
    "--sender": "sender",
    "child_main": "reader",
    "mailsink": "the other end",
    "receive": "door",
}


class Processors:
    """Use as `with Processors() as used:`, and ask `used.by_kind()` afterwards."""

    def __enter__(self) -> Processors:
        with connection.cursor() as cursor:
            cursor.execute("SHOW data_directory")
            self._database = cursor.fetchone()[0]
        self._busy_before = _busy()
        self._before = self._look()
        self._last = dict(self._before)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()
        self._last |= self._look()
        self._busy = _busy() - self._busy_before

    def by_kind(self) -> dict[str, float]:
        """Seconds of processor time by kind of process, the most first."""
        spent: dict[str, float] = defaultdict(float)
        for (pid, kind), seconds in self._last.items():
            spent[kind] += seconds - self._before.get((pid, kind), 0.0)
        return dict(sorted(spent.items(), key=lambda each: -each[1]))

    def of_others(self) -> float:
        """Seconds of processor time that all else on this machine took."""
        return max(0.0, self._busy - sum(self.by_kind().values()))

    def _watch(self) -> None:
        while not self._over.wait(_EVERY):
            self._last |= self._look()

    def _look(self) -> dict[tuple[int, str], float]:
        """Seconds of processor time so far of every process that matters, by number and kind."""
        parents, found = {}, {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                head, _, rest = (folder / "stat").read_text().rpartition(") ")
                command = (folder / "cmdline").read_text().replace("\0", " ")
                home = os.readlink(folder / "cwd")
            except OSError:
                continue  # it has ended meanwhile, or is another user's
            fields = rest.split()
            pid = int(head.split()[0])
            parents[pid] = int(fields[1])
            kind = next((name for sign, name in _OURS.items() if sign in command), "")
            if pid == os.getpid():
                kind = "this benchmark"
            if home == self._database:
                kind = "database"
            if kind:
                found[pid, kind] = (int(fields[11]) + int(fields[12])) / _TICKS
        return {
            (pid, kind): seconds
            for (pid, kind), seconds in found.items()
            if kind == "database" or self._is_ours(pid, parents)
        }

    @staticmethod
    def _is_ours(pid: int, parents: dict[int, int]) -> bool:
        while pid in parents and pid != os.getpid():
            pid = parents[pid]
        return pid == os.getpid()


def _busy() -> float:
    """Seconds that the processors of this machine have worked, since it began."""
    _cpu, user, nice, system, _idle, _io, irq, soft, *_rest = (
        Path("/proc/stat").read_text().split("\n", 1)[0].split()
    )
    return sum(map(int, (user, nice, system, irq, soft))) / _TICKS
