"""Parsing in a process that may crash, spin or fill its memory without harming the worker.

The child is started afresh (no fork: a worker holds database connections) and serves many mails.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from lib.mime import html, reports, wire
from lib.mime.limits import Limits, Unreadable
from lib.mime.model import Parsed

_ROOT = Path(__file__).resolve().parents[2]
# Nothing of the worker's environment that is not needed: it holds passwords, the child reads
# whatever strangers send.
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR", "VIRTUAL_ENV")
_START_SECONDS = 30.0
_DEFAULT = Limits()
_T = TypeVar("_T")


class ParserChild:
    """One parser process, started at the first request and again whenever it died.

    Thread-safe: requests queue up behind a lock. `seconds` is wall clock per mail; `memory` is
    bytes of address space beyond what the child has after starting, which keeps its resident
    memory under 512 MB; after `mails` requests a fresh child takes over.
    """

    def __init__(
        self,
        *,
        seconds: float = 10.0,
        memory: int = 448 * 2**20,
        mails: int = 2_000,
        limits: Limits = _DEFAULT,
        module: str = "lib.mime.child_main",
    ) -> None:
        self._seconds = seconds
        self._memory = memory
        self._mails = mails
        self._limits = limits
        self._module = module
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._served = 0

    def parse_bytes(self, raw: bytes) -> Parsed:
        """The mail in `raw`, read. Raises `Unreadable`: the codes of `parse`, and
        parser_timeout, parser_memory, parser_crashed where the child had to be given up."""
        return self._checked(lambda: Parsed.from_json(self._ask({"do": "parse"}, raw)[0]))

    def parse_file(self, path: str | os.PathLike[str]) -> Parsed:
        """The mail in the file at `path`, as `parse_bytes`. Raises OSError if it can't be read."""
        request = {"do": "parse", "file": self._readable(path)}
        return self._checked(lambda: Parsed.from_json(self._ask(request)[0]))

    def part_bytes(self, raw: bytes, path: str) -> bytes:
        """Decoded content of one part of the mail in `raw`; see `extract.part_bytes`."""
        return self._ask({"do": "extract", "part": path}, raw)[1]

    def part_of_file(self, file: str | os.PathLike[str], path: str) -> bytes:
        """Decoded content of one part of the mail in `file`. Raises OSError, `Unreadable`."""
        return self._ask({"do": "extract", "part": path, "file": self._readable(file)})[1]

    def delivery_reports(self, raw: bytes) -> tuple[reports.DeliveryReport, ...]:
        """What a bounce in `raw` says of each recipient; see `reports.delivery_reports`."""
        head, _ = self._ask({"do": "reports"}, raw)
        return self._checked(
            lambda: tuple(reports.DeliveryReport(**each) for each in head["reports"])
        )

    def clean_html(self, source: str, cid_urls: Mapping[str, str]) -> html.Cleaned:
        """`source` made harmless for showing; see `html.clean`. Raises `Unreadable`."""
        request = {"do": "clean", "cid_urls": dict(cid_urls)}
        head, body = self._ask(request, source.encode("utf-8", "replace"))
        return self._checked(
            lambda: html.Cleaned(body.decode("utf-8"), head["blocked_images"], tuple(head["links"]))
        )

    def close(self) -> None:
        """End the child; the next request starts another."""
        with self._lock:
            self._stop()

    def _readable(self, path: str | os.PathLike[str]) -> str:
        with open(path, "rb"):
            return str(Path(path).resolve())

    @staticmethod
    def _checked(build: Callable[[], _T]) -> _T:
        try:
            return build()
        except (KeyError, TypeError, ValueError) as error:
            # A child that was taken over can answer anything; it is not believed.
            raise Unreadable("parser_crashed", type(error).__name__) from error

    def _ask(self, request: dict[str, Any], raw: bytes = b"") -> tuple[dict[str, Any], bytes]:
        with self._lock:
            if len(raw) > self._limits.size:
                raise Unreadable("too_large", f"{len(raw)} bytes")
            if self._served >= self._mails:
                self._stop()
            if self._process is None or self._process.poll() is not None:
                self._start()
            self._served += 1
            head, body = self._exchange(request, raw)
        if "error" in head:
            raise Unreadable(str(head["error"]), str(head.get("detail", "")))
        return head, body

    def _exchange(self, request: dict[str, Any], raw: bytes) -> tuple[dict[str, Any], bytes]:
        stdin, stdout = self._pipes()
        deadline = time.monotonic() + self._seconds
        try:
            wire.send(stdin, request, raw, deadline)
            head, body = wire.receive(stdout, deadline)
        except wire.TooLate:
            self._stop()
            raise Unreadable("parser_timeout", f"{self._seconds:g} s") from None
        except (wire.Closed, ValueError):
            code = self._stop()
            raise Unreadable("parser_crashed", f"exit {code}") from None
        if head.get("error") == "parser_memory":
            self._stop()
        return head, body

    def _start(self) -> None:
        self._stop()
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        environment["PYTHONPATH"] = str(_ROOT)
        self._process = subprocess.Popen(  # noqa: S603 (our own module, fixed arguments)
            [sys.executable, "-m", self._module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env=environment,
            start_new_session=True,
        )
        self._served = 0
        stdin, stdout = self._pipes()
        os.set_blocking(stdin, False)
        os.set_blocking(stdout, False)
        settings = {
            "limits": asdict(self._limits),
            "memory": self._memory,
            "seconds": self._seconds,
        }
        deadline = time.monotonic() + _START_SECONDS
        try:
            wire.send(stdin, settings, b"", deadline)
            wire.receive(stdout, deadline)
        except (wire.TooLate, wire.Closed, ValueError):
            code = self._stop()
            raise RuntimeError(f"the parser child does not start (exit {code})") from None

    def _pipes(self) -> tuple[int, int]:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise RuntimeError("the parser child is not running")
        return process.stdin.fileno(), process.stdout.fileno()

    def _stop(self) -> int | None:
        """Kill the child, close its pipes, and give its exit code (negative: a signal)."""
        process, self._process = self._process, None
        if process is None:
            return None
        ended = process.poll()
        if ended is None:
            try:
                # A child that closed its pipe is dying already; its own code tells why.
                ended = process.wait(0.05)
            except subprocess.TimeoutExpired:
                process.kill()
        code = process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        return code if ended is None else ended
