"""The frames that a worker and its parser child exchange over pipes.

A frame is two lengths (JSON, then bytes; unsigned 32 bit, network order), the JSON, the bytes.
"""

from __future__ import annotations

import json
import os
import select
import struct
import time
from typing import Any, BinaryIO

_LENGTHS = struct.Struct("!II")


class Closed(Exception):
    """The other end of the pipe is gone."""


class TooLate(Exception):
    """The other end did not take or give a frame before the deadline."""


def pack(head: dict[str, Any], body: bytes) -> tuple[bytes, bytes]:
    """The two buffers of a frame; the body is not copied."""
    text = json.dumps(head, ensure_ascii=False).encode("utf-8")
    return _LENGTHS.pack(len(text), len(body)) + text, body


def read_frame(stream: BinaryIO) -> tuple[dict[str, Any], bytes]:
    """Next frame, waiting for it. Raises `Closed` at the end of the stream."""
    json_size, body_size = _LENGTHS.unpack(_exactly(stream, _LENGTHS.size))
    head: dict[str, Any] = json.loads(_exactly(stream, json_size))
    return head, _exactly(stream, body_size)


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        raise Closed
    return data


def write_frame(stream: BinaryIO, head: dict[str, Any], body: bytes = b"") -> None:
    for piece in pack(head, body):
        stream.write(piece)
    stream.flush()


def send(fd: int, head: dict[str, Any], body: bytes, deadline: float) -> None:
    """Write a frame to the non-blocking `fd`. Raises `Closed`, or `TooLate` at `deadline`
    (seconds of time.monotonic)."""
    for piece in pack(head, body):
        rest = memoryview(piece)
        while rest:
            _wait(fd, select.POLLOUT, deadline)
            try:
                rest = rest[os.write(fd, rest) :]
            except BlockingIOError:
                continue
            except OSError:
                raise Closed from None


def receive(fd: int, deadline: float) -> tuple[dict[str, Any], bytes]:
    """Read a frame from the non-blocking `fd`. Raises `Closed` or `TooLate`."""
    json_size, body_size = _LENGTHS.unpack(_gather(fd, _LENGTHS.size, deadline))
    head: dict[str, Any] = json.loads(_gather(fd, json_size, deadline))
    return head, bytes(_gather(fd, body_size, deadline))


def _gather(fd: int, size: int, deadline: float) -> bytearray:
    data = bytearray()
    while len(data) < size:
        _wait(fd, select.POLLIN, deadline)
        try:
            piece = os.read(fd, min(size - len(data), 1 << 20))
        except BlockingIOError:
            continue
        if not piece:
            raise Closed
        data += piece
    return data


def _wait(fd: int, event: int, deadline: float) -> None:
    poll = select.poll()
    poll.register(fd, event)
    left = deadline - time.monotonic()
    if left <= 0 or not poll.poll(left * 1000):
        raise TooLate
