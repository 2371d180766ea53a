"""The parser process itself: one mail after the other from standard input, until it ends."""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from lib.mime import extract, html, parse, reports, wire
from lib.mime.limits import Limits, Unreadable
from lib.mime.sniff import sniff

Answer = tuple[dict[str, Any], bytes]
Handler = Callable[[bytes, dict[str, Any], Limits], Answer]

# Seconds that the kernel waits longer than the worker before it ends a child on its own.
_GRACE = 5.0


def _parse(raw: bytes, request: dict[str, Any], limits: Limits) -> Answer:
    return parse.parse(raw, limits).to_json(), b""


def _extract(raw: bytes, request: dict[str, Any], limits: Limits) -> Answer:
    return {}, extract.part_bytes(raw, request["part"], limits)


def _reports(raw: bytes, request: dict[str, Any], limits: Limits) -> Answer:
    return {"reports": [asdict(each) for each in reports.delivery_reports(raw, limits)]}, b""


def _clean(raw: bytes, request: dict[str, Any], limits: Limits) -> Answer:
    cleaned = html.clean(raw.decode("utf-8"), request["cid_urls"])
    head = {"blocked_images": cleaned.blocked_images, "links": cleaned.links}
    return head, cleaned.html.encode("utf-8")


HANDLERS: dict[str, Handler] = {
    "parse": _parse,
    "extract": _extract,
    "reports": _reports,
    "clean": _clean,
}


def serve(handlers: dict[str, Handler]) -> None:
    """Answer requests until standard input ends, which it also does when the worker dies.

    A worker that dies during a request leaves the child running; the kernel's alarm clock, whose
    signal is not handled here, ends it even inside an endless loop of C code. (A signal on the
    parent's death would be tied to the thread that started the child, which may end earlier.)
    """
    stdin = os.fdopen(os.dup(0), "rb")
    stdout = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not write into the frames
    settings, _ = wire.read_frame(stdin)
    limits = Limits(**settings["limits"])
    sniff(b"%PDF-1.4", "")  # loads libmagic's tables before memory is limited
    _confine(int(settings["memory"]))
    wire.write_frame(stdout, {"ready": True})
    while True:
        try:
            request, raw = wire.read_frame(stdin)
        except wire.Closed:
            return
        signal.setitimer(signal.ITIMER_REAL, float(settings["seconds"]) + _GRACE)
        head, body = _answer(handlers, request, raw, limits)
        _reply(stdout, head, body)
        signal.setitimer(signal.ITIMER_REAL, 0)


def _answer(
    handlers: dict[str, Handler], request: dict[str, Any], raw: bytes, limits: Limits
) -> Answer:
    try:
        if "file" in request:
            raw = _read(Path(request["file"]), limits)
        return handlers[request["do"]](raw, request, limits)
    except Unreadable as error:
        return {"error": error.code, "detail": error.detail}, b""
    except MemoryError:
        return {"error": "parser_memory", "detail": f"{len(raw)} bytes"}, b""
    except Exception as error:
        return {"error": "parser_crashed", "detail": type(error).__name__}, b""


def _read(path: Path, limits: Limits) -> bytes:
    size = path.stat().st_size
    if size > limits.size:
        raise Unreadable("too_large", f"{size} bytes")
    return path.read_bytes()


def _reply(stdout: BinaryIO, head: dict[str, Any], body: bytes) -> None:
    try:
        wire.write_frame(stdout, head, body)
    except BrokenPipeError:
        sys.exit(0)  # the worker is gone


def _confine(memory: int) -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + memory
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold people's mail


if __name__ == "__main__":
    serve(HANDLERS)
